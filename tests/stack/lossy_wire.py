"""A TCP proxy that can lose answers: the request arrives and is acted upon, its sender only sees the line go dead."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PIECE_BYTES = 1 << 16


class LossyWire:
    """`lose(n)`: the next n connections on which an answer begins are cut at its first byte."""

    def __init__(self, port: int) -> None:
        self.port = 0
        self.lost = 0
        self._upstream_port = port
        self._to_lose = 0

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def lose(self, answers: int) -> None:
        self._to_lose, self.lost = answers, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", self._upstream_port)
        ways = [self._pass_on(reader, upstream_writer), self._pass_back(upstream_reader, writer)]
        running = [asyncio.ensure_future(way) for way in ways]
        await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        for one in running:
            one.cancel()
        for end in (writer, upstream_writer):
            end.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(_PIECE_BYTES):
                writer.write(data)
                await writer.drain()

    async def _pass_back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(_PIECE_BYTES):
                if self._to_lose:
                    self._to_lose, self.lost = self._to_lose - 1, self.lost + 1
                    return
                writer.write(data)
                await writer.drain()


@contextmanager
def lossy_wire(port: int) -> Iterator[LossyWire]:
    """A wire to that port of this machine, on a thread of its own."""
    wire, loop, started = LossyWire(port), asyncio.new_event_loop(), threading.Event()
    done = asyncio.Event()

    async def run() -> None:
        listener = await asyncio.start_server(wire.serve, "127.0.0.1", 0)
        wire.port = listener.sockets[0].getsockname()[1]
        started.set()
        async with listener:
            await done.wait()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(run(),), daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield wire
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join(10)
        loop.close()
