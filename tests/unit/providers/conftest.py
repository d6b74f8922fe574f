"""Small servers that behave as badly as they are told, and values the provider tests share."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from providers.catalogue import Catalogue, load_catalogue
from providers.http import Wire, WirePolicy

Behaviour = Callable[["Exchange"], Awaitable[None]]


@dataclass
class Exchange:
    """One request as it came in over a socket, and the way to answer it."""

    head: bytes
    body: bytes
    writer: asyncio.StreamWriter

    async def answer(self, status: int, body: bytes = b"{}", headers: str = "", length: int | None = None) -> None:
        lines = f"HTTP/1.1 {status} X\r\ncontent-length: {len(body) if length is None else length}\r\n{headers}\r\n"
        self.writer.write(lines.encode() + body)
        await self.writer.drain()

    def header(self, name: str) -> str | None:
        for line in self.head.decode().split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return None


@dataclass
class RawServer:
    """A server on a free port of 127.0.0.1; `requests` are those it has read to their end."""

    url: str = ""
    requests: list[Exchange] = field(default_factory=list)
    connections: int = 0


@asynccontextmanager
async def serving(behave: Behaviour) -> AsyncIterator[RawServer]:
    state = RawServer()
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        state.connections += 1
        writers.append(writer)
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                exchange = Exchange(head, b"", writer)
                exchange.body = await reader.readexactly(int(exchange.header("content-length") or 0))
                state.requests.append(exchange)
                await behave(exchange)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    state.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield state
    finally:
        server.close()
        for writer in writers:
            writer.close()


@pytest.fixture
def raw_server() -> Callable[[Behaviour], AbstractAsyncContextManager[RawServer]]:
    return serving


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    wire = Wire(WirePolicy(submit_s=2, question_s=2, connect_s=2, read_s=2))
    yield wire
    await wire.close()


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture
def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
