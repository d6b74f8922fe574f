"""A wire between a client and the API's processes that loses answers, or holds a request back."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

LOST = "lost"
HELD = "held"
Fate = Callable[[str], str | None]
"""From a request's head to what becomes of it: its answer is LOST, it is HELD until it is let go, or nothing."""


@dataclass
class Wire:
    """Requests go to the `upstreams` in turn, each on a connection of its own. `fate` may be changed at any time."""

    upstreams: Sequence[int]
    fate: Fate = lambda head: None
    port: int = 0
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: int = 0
    """How many held requests have been answered by the API; nobody was left to hear it."""

    def __post_init__(self) -> None:
        self._turns = itertools.cycle(self.upstreams)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request and what becomes of it."""
        try:
            head, body = await _request(reader)
            match self.fate(head.decode("latin-1").lower()):
                case "held":
                    writer.close()
                    await self.let_go.wait()
                    await _answer(next(self._turns), head, body)
                    self.arrived += 1
                case "lost":
                    await _answer(next(self._turns), head, body)
                case _:
                    writer.write(await _answer(next(self._turns), head, body))
                    await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def open_wire(upstreams: Sequence[int]) -> AsyncIterator[Wire]:
    """A wire that listens on a port of its own."""
    wire = Wire(upstreams)
    server = await asyncio.start_server(wire.carry, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    async with server:
        yield wire


async def _request(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head, await reader.readexactly(int(lengths[0].partition(b":")[2]) if lengths else 0)


async def _answer(port: int, head: bytes, body: bytes) -> bytes:
    """The whole answer of the API; the connection ends with it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    first, _, rest = head.partition(b"\r\n")
    kept = [line for line in rest.split(b"\r\n") if line and not line.lower().startswith(b"connection:")]
    writer.write(b"\r\n".join([first, b"connection: close", *kept, b"", b""]) + body)
    try:
        return await reader.read(-1)
    finally:
        writer.close()
