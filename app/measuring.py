"""Counts every request: how many, how they ended, how long until the answer began."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ROUTE = "reelwork.route"
"""Where a route leaves its template in the scope; a path of no route has none."""

_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}


class Measured:
    """Pure ASGI middleware. What is counted is bounded by the number of routes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.monotonic()

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                _count(scope, message["status"], time.monotonic() - started)
            await send(message)

        await self._app(scope, receive, send_counted)


def _count(scope: Scope, status: int, took_s: float) -> None:
    meters, route = scope["app"].state.deps.meters, scope.get(ROUTE, "none")
    method = scope["method"] if scope["method"] in _METHODS else "other"
    meters.add("reelwork_http_requests_total", method=method, route=route, status=str(status))
    meters.observe("reelwork_http_request_duration_seconds", took_s, method=method, route=route)
