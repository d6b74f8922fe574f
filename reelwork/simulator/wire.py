"""What HTTP cannot say: connections that are reset, closed without an answer or in mid-body, and silence."""

import asyncio
import contextlib
import socket
import struct
from typing import Any

from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

_Peer = tuple[Any, Any]


class Wires:
    """The open connections, found again by their two addresses, so that a handler can cut its own."""

    def __init__(self) -> None:
        self._open: dict[_Peer, asyncio.Transport] = {}
        self.closing = asyncio.Event()

    def protocol(self) -> type[asyncio.Protocol]:
        """uvicorn's HTTP protocol, grown to report its connections here."""
        from uvicorn.protocols.http.auto import AutoHTTPProtocol

        wires = self
        base: Any = AutoHTTPProtocol

        class ReportingProtocol(base):  # type: ignore[misc]
            def connection_made(self, transport: asyncio.Transport) -> None:
                super().connection_made(transport)
                wires._open[(self.client, self.server)] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                wires._open.pop((self.client, self.server), None)
                super().connection_lost(exc)

        return ReportingProtocol

    def drop(self, scope: Scope, with_reset: bool) -> None:
        """Close the connection of this request: at once with RST, or after what was written, with FIN."""
        transport = self._open.get((scope["client"], scope["server"]))
        if transport is None:
            return
        if not with_reset:
            transport.close()
            return
        raw: socket.socket | None = transport.get_extra_info("socket")
        if raw is not None:
            with contextlib.suppress(OSError):
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()

    async def pause(self, seconds: float) -> None:
        """Wait the whole time, whether the client still listens or not; shorter only when the simulator stops."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.closing.wait(), seconds)

    async def hold(self, receive: Receive, seconds: float) -> bool:
        """Wait, but not longer than the client does or the simulator runs; True where the whole time passed."""
        gone = asyncio.ensure_future(_client_gone(receive))
        closing = asyncio.ensure_future(self.closing.wait())
        done, left = await asyncio.wait((gone, closing), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        return not done


class Dropped(Response):
    """An answer that is none: after `silent_s` of silence the connection goes."""

    def __init__(self, wires: Wires, with_reset: bool, silent_s: float = 0.0) -> None:
        super().__init__(status_code=444)
        self._wires, self._with_reset, self._silent_s = wires, with_reset, silent_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._silent_s > 0:
            await self._wires.hold(receive, self._silent_s)
        self._wires.drop(scope, self._with_reset)
        await _client_gone(receive)


class CutOff(Response):
    """Another answer, whose connection goes after a share of the body it promised."""

    def __init__(self, wires: Wires, whole: Response, share: float) -> None:
        super().__init__(status_code=whole.status_code)
        self._wires, self._whole, self._share = wires, whole, share

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        promised = int(self._whole.headers.get("content-length", "0"))
        left = max(int(promised * self._share), 1)

        async def send_some(message: Message) -> None:
            nonlocal left
            if message["type"] != "http.response.body":
                await send(message)
            elif left > 0:
                piece = message.get("body", b"")[:left]
                left -= len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": True})

        await self._whole(scope, receive, send_some)
        self._wires.drop(scope, with_reset=False)
        await _client_gone(receive)


async def _client_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
