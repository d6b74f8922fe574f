"""What a connection may drag out, with clocks short enough to see them strike."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from app import http_guard
from app.http_guard import GuardedProtocol, room_for_connections

PIECE = bytes(256 * 1024)
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def endless(scope: Scope, receive: Receive, send: Send) -> None:
    """Sends for as long as somebody takes it."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    while True:
        await send({"type": "http.response.body", "body": PIECE, "more_body": True})
        if (await _soon(receive)) == "http.disconnect":
            return


async def _soon(receive: Receive) -> str | None:
    try:
        async with asyncio.timeout(0.01):
            return str((await receive())["type"])
    except TimeoutError:
        return None


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[uvicorn.Server, int]]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = uvicorn.Config(endless, http=GuardedProtocol, lifespan="off", log_config=None, ws="none")
        server = uvicorn.Server(config)
        running = asyncio.create_task(server._serve([listener]))
        try:
            yield server, listener.getsockname()[1]
        finally:
            server.should_exit = server.force_exit = True
            await running


async def test_an_answer_that_nobody_takes_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_guard, "STALLED_S", 0.5)
    async with serving() as (server, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        writer.write(REQUEST)
        await reader.readline()
        assert len(server.server_state.connections) == 1

        async with asyncio.timeout(30):
            while server.server_state.connections:
                await asyncio.sleep(0.05)
        writer.close()


async def test_an_answer_that_is_taken_slowly_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_guard, "STALLED_S", 5.0)
    async with serving() as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(REQUEST)
        for _ in range(8):
            assert len(await reader.readexactly(1024 * 1024)) == 1024 * 1024
            await asyncio.sleep(0.1)
        writer.close()


def test_there_is_room_for_the_process_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for files, room in ((1024, 896), (10, 1), (1_000_000, 10_000), (-1, 10_000)):
        monkeypatch.setattr(http_guard.resource, "getrlimit", lambda _, files=files: (files, files))
        assert room_for_connections() == room
