"""Gives every request an id that its log lines, its jobs and its answer carry, and logs one line for each."""

import re
import time
from contextvars import ContextVar
from uuid import uuid4

from loguru import logger
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-Id"
_QUIET = {"/healthz", "/readyz"}
_FITTING = re.compile(r"[A-Za-z0-9._-]{8,64}")
_PERSON = re.compile(r"(?<=^/api/end-users/)[^/]+")
"""Whom a client calls its user: no log is to keep what an erasure takes away."""
_current: ContextVar[str | None] = ContextVar("request_id", default=None)


def request_id() -> str | None:
    """The id of the request that is being answered; None outside one."""
    return _current.get()


class RequestIds:
    """Pure ASGI middleware. A caller's own id is kept where it has a plain form."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        known_as = given if _FITTING.fullmatch(given) else uuid4().hex
        status, started = 0, time.monotonic()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).setdefault(HEADER, known_as)
            await send(message)

        token = _current.set(known_as)
        try:
            with logger.contextualize(request_id=known_as):
                await self._app(scope, receive, send_with_id)
                _log(scope, status, time.monotonic() - started)
        finally:
            _current.reset(token)


def _log(scope: Scope, status: int, took_s: float) -> None:
    line = logger.bind(
        action="request",
        method=scope["method"],
        path=_PERSON.sub("-", scope["path"]),
        status_code=status,
        took_ms=round(took_s * 1000, 1),
    )
    line.log("DEBUG" if scope["path"] in _QUIET else "INFO", "request answered")
