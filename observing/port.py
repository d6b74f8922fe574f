"""/metrics on a port of its own, for processes that have none: no key, so it belongs on a private network."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from loguru import logger

from db.retry import CONTENDED, UNAVAILABLE
from observing.exposition import CONTENT_TYPE

_PATIENCE_S = 10.0


@asynccontextmanager
async def served(port: int | None, page: Callable[[], Awaitable[str]]) -> AsyncIterator[None]:
    """Inside the block the page is at /metrics of every address of this machine; None serves nothing.

    A port that another process of this machine has is left to it: it shows the same figures.
    """
    if port is None:
        yield
        return

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(TimeoutError, OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(_PATIENCE_S):
                head = await reader.readuntil(b"\r\n\r\n")
                writer.write(await _answered(head, page))
                await writer.drain()
        writer.close()

    try:
        server = await asyncio.start_server(answer, None, port)
    except OSError as error:
        logger.warning("METRICS_PORT cannot be opened", action="metrics", port=port, reason=error.strerror)
        yield
        return
    try:
        yield
    finally:
        server.close()


async def _answered(head: bytes, page: Callable[[], Awaitable[str]]) -> bytes:
    if not head.startswith((b"GET /metrics ", b"GET /metrics?")):
        return _response("404 Not Found", "GET /metrics is all there is here\n", "text/plain")
    try:
        return _response("200 OK", await page(), CONTENT_TYPE)
    except (*UNAVAILABLE, *CONTENDED):
        return _response("503 Service Unavailable", "the database does not answer\n", "text/plain")


def _response(status: str, body: str, content_type: str) -> bytes:
    data = body.encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + data
