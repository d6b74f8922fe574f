"""Answers that are compressed unasked are read in bounded pieces, and bombs among them are cut off."""

import gzip
import tracemalloc
import zlib

import pytest

from providers.base import Guard
from providers.decoding import PIECE_BYTES
from providers.errors import TryLater
from providers.http import MEBIBYTE, Request, Wire, WirePolicy
from providers.transfer import Source, open_source

GZIPPED = "content-encoding: gzip\r\n"
BOMB = gzip.compress(bytes(128 * MEBIBYTE), 9, mtime=0)


@pytest.fixture
async def wire():
    opened = Wire(WirePolicy())
    yield opened
    await opened.close()


async def unguarded() -> None:
    return None


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", gzip.compress(b'{"a": 1}', mtime=0)), ("deflate", zlib.compress(b'{"a": 1}')), ("identity", b'{"a": 1}')],
)
async def test_what_is_compressed_unasked_is_read(raw_server, wire, encoding, body):
    headers = f"content-encoding: {encoding}\r\n"
    async with raw_server(lambda exchange: exchange.answer(200, body, headers)) as server:
        answer = await wire.ask(server.url, Request("GET", server.url))

    assert answer.table() == {"a": 1}


async def test_a_compressed_bomb_is_no_answer_and_costs_little_memory(raw_server, wire):
    guard: Guard = unguarded
    async with raw_server(lambda exchange: exchange.answer(200, BOMB, GZIPPED)) as server:
        tracemalloc.start()
        with pytest.raises(TryLater, match="too large"):
            await wire.ask(server.url, Request("GET", server.url))
        answer = await wire.submit(server.url, Request("POST", server.url, json={}), guard)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert not answer.complete
    assert peak < 80 * MEBIBYTE


async def test_a_compressed_video_comes_in_pieces_of_a_bounded_size(raw_server, wire):
    async with (
        raw_server(lambda exchange: exchange.answer(200, BOMB, GZIPPED)) as server,
        open_source(wire, Source(server.url, server.url)) as download,
    ):
        longest, total = 0, 0
        async for chunk in download.chunks:
            longest, total = max(longest, len(chunk)), total + len(chunk)

    assert longest <= PIECE_BYTES
    assert total == 128 * MEBIBYTE


@pytest.mark.parametrize(
    ("encoding", "body"), [("gzip", b"no gzip"), ("gzip", BOMB[:1000]), ("br", b"\x00"), ("gzip, gzip", b"\x00")]
)
async def test_what_is_not_what_its_encoding_says_is_asked_again(raw_server, wire, encoding, body):
    headers = f"content-encoding: {encoding}\r\n"
    async with raw_server(lambda exchange: exchange.answer(200, body, headers)) as server:
        with pytest.raises(TryLater):
            await wire.ask(server.url, Request("GET", server.url))


async def test_json_nested_without_end_is_no_answer(raw_server, wire):
    async with raw_server(lambda exchange: exchange.answer(200, b"[" * 200_000)) as server:
        answer = await wire.ask(server.url, Request("GET", server.url))

    assert answer.parsed() is None
