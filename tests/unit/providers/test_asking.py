"""Questions over aiohttp: failures in httpx's words, addresses as they are written, and nothing kept of a server's."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import cast

import httpx
import pytest

from providers.asking import AskingTransport

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
LENGTHY = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"


@asynccontextmanager
async def asking(serve: Serve, read_s: float = 5) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server that does with each connection what `serve` does."""
    served: list[asyncio.Task[None]] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.append(cast("asyncio.Task[None]", asyncio.current_task()))
        with suppress(ConnectionError):
            await serve(reader, writer)
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport = AskingTransport(ssl.create_default_context(), 4)
    timeout = httpx.Timeout(read_s, connect=5)
    client = httpx.AsyncClient(transport=transport, base_url=f"http://localhost:{port}", timeout=timeout)
    async with server, client as http:
        yield http
    await asyncio.gather(*served)


def answering(answer: bytes, heard: list[bytes]) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            heard.append(head)
            writer.write(answer)
            await writer.drain()
            if b"content-length: 1000" in answer:
                break

    return serve


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


async def _silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Reads until the caller gives up."""
    await reader.read()


@pytest.mark.parametrize(
    ("answer", "word"),
    [(LENGTHY + b"cut", httpx.RemoteProtocolError), (b"no http at all\r\n\r\n", httpx.RemoteProtocolError)],
)
async def test_what_is_cut_or_no_answer_is_said_in_httpx_words(answer: bytes, word: type[Exception]) -> None:
    async with asking(answering(answer, [])) as http:
        with pytest.raises(word):
            await http.get("/")


async def test_a_silent_server_is_a_read_that_took_too_long() -> None:
    async with asking(_silent, read_s=0.3) as http:
        with pytest.raises(httpx.ReadTimeout):
            await http.get("/")


async def test_a_server_that_is_not_there_is_no_connection() -> None:
    async with asking(_silent) as http:
        base_url = http.base_url
    async with httpx.AsyncClient(transport=AskingTransport(ssl.create_default_context(), 4), base_url=base_url) as http:
        with pytest.raises(httpx.ConnectError):
            await http.get("/")


async def test_an_address_is_sent_as_it_is_written_and_cookies_are_not_kept() -> None:
    heard: list[bytes] = []
    answer = b"HTTP/1.1 200 OK\r\nset-cookie: a=b\r\ncontent-length: 2\r\n\r\n{}"
    async with asking(answering(answer, heard)) as http:
        for _ in range(2):
            assert (await http.get("/v1/a%2Fb%7E?sig=a%2Bb%3D&x=%7E", cookies=None)).content == b"{}"
            http.cookies.clear()

    assert [head.split()[1] for head in heard] == [b"/v1/a%2Fb%7E?sig=a%2Bb%3D&x=%7E"] * 2
    assert not any(b"cookie" in head.lower() for head in heard)
