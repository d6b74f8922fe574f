"""HTTP as uvicorn speaks it, with an end to everything that a client may drag out or blow up.

A head has to come within seconds and in a few kilobytes, a body that nobody waits for any more is not read for long, an
answer that is not taken is given up, and a process takes no more connections than it has room for. How long a body may
take that a handler reads is the handler's own business (`app.validation`).
"""

import asyncio
import resource
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 32 * 1024
HEAD_S = 10.0
UNREAD_BODY_S = 5.0
TAKEN_S = 5.0
STALLED_S = 60.0
MOST_CONNECTIONS = 10_000
_OTHER_FILES = 128
"""Files of a process that are no callers' connections: to Postgres and Redis, to receivers of webhooks, to storage."""
_HEADER_BYTES = 4
"""A colon, a space and the end of the line."""


def room_for_connections() -> int:
    """How many connections a process of this machine may take, so that it keeps files for its own."""
    most_files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if most_files < 0 else max(min(MOST_CONNECTIONS, most_files - _OTHER_FILES), 1)


class GuardedProtocol(HttpToolsProtocol):
    """One connection. `_waits` are the clocks that run on it, each by what it waits for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._room = room_for_connections()
        self._waits: dict[str, asyncio.TimerHandle] = {}
        self._head_bytes = 0
        self._in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._room:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self._wait("head", HEAD_S, lambda: self._refuse(HTTPStatus.REQUEST_TIMEOUT))

    def connection_lost(self, exc: Exception | None) -> None:
        for name in list(self._waits):
            self._stop(name)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._in_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_bytes = True, 0
        self._wait("head", HEAD_S, lambda: self._refuse(HTTPStatus.REQUEST_TIMEOUT))

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop("head")
        head_bytes = len(self.url) + sum(len(name) + len(value) + _HEADER_BYTES for name, value in self.headers)
        if head_bytes > MOST_HEAD_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            raise ValueError("the head is too large")
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._stop("body"):
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        is_last = not self.pipeline
        super().on_response_complete()
        if is_last and self.cycle.more_body:
            self._wait("body", UNREAD_BODY_S, self._leave)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait("reader", STALLED_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop("reader")

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _wait(self, name: str, seconds: float, then: Callable[[], object]) -> None:
        self._stop(name)
        self._waits[name] = self.loop.call_later(seconds, then)

    def _stop(self, name: str) -> bool:
        """Whether that clock was running."""
        clock = self._waits.pop(name, None)
        if clock is not None:
            clock.cancel()
        return clock is not None

    def _refuse(self, status: HTTPStatus) -> None:
        """Close the connection; a client that is still there reads why."""
        if self.transport.is_closing():
            return
        if self.cycle is None or self.cycle.response_complete:
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
            self.transport.write(head.encode())
        self._leave()

    def _leave(self) -> None:
        """Close, and do not wait for long until what was written is taken."""
        self.transport.close()
        self._wait("gone", TAKEN_S, self.transport.abort)
