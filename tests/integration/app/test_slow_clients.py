"""Clients that drag a connection out, or blow a head up, cost a process neither time nor memory without end."""

import asyncio
import resource
import subprocess
from dataclasses import dataclass

import httpx

from tests.integration.app.conftest import ADMIN_KEY, Start, served
from tests.stack.waiting import until

POST = f"POST /api/admin/clients HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {ADMIN_KEY}\r\n"
TRICKLE_S = 0.5
PATIENCE_S = 60.0


@dataclass
class Raw:
    """A connection of which every byte is ours."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def drip(self, piece: bytes) -> None:
        """Send the piece again and again until the other side has had enough."""
        while not self.reader.at_eof():
            self.writer.write(piece)
            await asyncio.sleep(TRICKLE_S)

    async def answer(self, *, drip: bytes = b"") -> bytes:
        """All that comes until the connection is closed by the other side."""
        dripping = asyncio.create_task(self.drip(drip)) if drip else None
        try:
            async with asyncio.timeout(PATIENCE_S):
                return await _read(self.reader)
        finally:
            if dripping:
                dripping.cancel()
            self.writer.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    got = b""
    try:
        while piece := await reader.read(65536):
            got += piece
    except ConnectionError:
        pass
    return got


async def raw(port: int, first: bytes = b"") -> Raw:
    connection = Raw(*await asyncio.open_connection("127.0.0.1", port))
    connection.writer.write(first)
    return connection


async def test_what_is_sent_too_slowly_is_cut_off(start: Start, port: int) -> None:
    start("app")
    await until(lambda: served(port), 90)
    whole = f"{POST}Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n".encode()
    wrong_key = whole.replace(ADMIN_KEY.encode(), b"wrong")

    silent, slow_head, slow_body, unwanted_body, chunked = await asyncio.gather(
        (await raw(port)).answer(),
        (await raw(port, b"GET /healthz HTTP/1.1\r\n")).answer(drip=b"X-Drip: 1\r\n"),
        (await raw(port, whole)).answer(drip=b" "),
        (await raw(port, wrong_key)).answer(drip=b" "),
        (await raw(port, f"{POST}Transfer-Encoding: chunked\r\n\r\n".encode())).answer(drip=b"1\r\n \r\n"),
    )
    async with httpx.AsyncClient() as client:
        meanwhile = await client.get(f"http://127.0.0.1:{port}/healthz")

    assert (_status(silent), _status(slow_head), _status(unwanted_body)) == (408, 408, 401)
    assert _status(slow_body) == _status(chunked) == 408
    assert b"slow_body" in slow_body
    assert meanwhile.status_code == 200


async def test_heads_and_bodies_have_a_size(start: Start, port: int) -> None:
    start("app")
    await until(lambda: served(port), 90)
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"

    one_header = await (await raw(port, head + b"X-Bomb: " + b"x" * 5_000_000)).answer()
    many_headers = await (await raw(port, head + b"X-Bomb: 1\r\n" * 20_000 + b"\r\n")).answer()
    long_path = await (await raw(port, b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")).answer()
    said = await (await raw(port, f"{POST}Content-Length: 99999999999\r\n\r\n".encode())).answer()
    fair = await (await raw(port, head + b"Cookie: " + b"x" * 20_000 + b"\r\nConnection: close\r\n\r\n")).answer()

    assert {_status(one_header), _status(many_headers), _status(long_path)} <= {431, 0}
    assert _status(many_headers) == 431
    assert _status(said) == 413
    assert _status(fair) == 200


async def test_a_full_process_turns_connections_away_and_serves_again_when_there_is_room(
    start: Start, port: int
) -> None:
    process = start("app")
    await until(lambda: served(port), 90)
    _limit_files(process, 148)

    held = [await raw(port) for _ in range(40)]
    refused = await (await raw(port, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")).answer()
    for connection in held:
        connection.writer.close()
    await until(lambda: served(port), 90)

    assert _status(refused) == 503


def _limit_files(process: "subprocess.Popen[bytes]", most: int) -> None:
    resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (most, most))


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0
