"""A TCP line between one process and one server, for a test to cut, to silence and to mend."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


class Link:
    """`url` leads to the same place as the URL it was made for, by way of this line."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 0
        self._given = url
        self._own_port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._asks, self._answers = asyncio.Event(), asyncio.Event()
        self._words: bytes | None = None

    @property
    def url(self) -> str:
        return self._given.replace(f"{self._host}:{self._port}", f"127.0.0.1:{self._own_port}")

    async def cut(self) -> None:
        """End every connection at once, and refuse new ones."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in self._writers:
            writer.transport.abort()

    def silence(self) -> None:
        """Let nothing through any more, but keep connections open."""
        self._asks.clear()
        self._answers.clear()

    def hold_answers_after(self, words: bytes) -> None:
        """As soon as these bytes were asked, let no answer through any more."""
        self._words = words

    async def mend(self) -> None:
        """Everything goes through again, what was held first."""
        self._words = None
        self._asks.set()
        self._answers.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._joined, "127.0.0.1", self._own_port)
            self._own_port = self._server.sockets[0].getsockname()[1]

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
            self._writers |= {writer, far_writer}
            await asyncio.gather(self._ask(reader, far_writer), self._answer(far_reader, writer))
        self._writers -= {writer}
        writer.transport.abort()

    async def _ask(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            await self._asks.wait()
            if self._words is not None and self._words in data:
                self._answers.clear()
            sink.write(data)
        sink.transport.abort()

    async def _answer(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            await self._answers.wait()
            sink.write(data)
        sink.transport.abort()


@asynccontextmanager
async def linked(url: str) -> AsyncIterator[Link]:
    """A line that is whole at first and cut at the end of the block."""
    link = Link(url)
    await link.mend()
    try:
        yield link
    finally:
        await link.mend()
        await link.cut()
