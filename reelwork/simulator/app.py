"""Puts the dialects, the control endpoints and the clock's Date header into one application."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.utils import formatdate

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reelwork.simulator.control import control_routes
from reelwork.simulator.courier import Courier
from reelwork.simulator.dialects.buckets import bucket_routes
from reelwork.simulator.dialects.gemini_veo import gemini_veo_routes
from reelwork.simulator.dialects.media import media_routes
from reelwork.simulator.dialects.oauth import oauth_routes
from reelwork.simulator.dialects.omni import omni_routes
from reelwork.simulator.dialects.omni_files import file_routes
from reelwork.simulator.dialects.openai_videos import openai_routes
from reelwork.simulator.dialects.vertex import vertex_routes
from reelwork.simulator.world import World


def create_app(world: World) -> ASGIApp:
    """The whole simulator as an ASGI application. Faults that cut connections need it served by `server`."""

    courier = Courier(world)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        deliveries = asyncio.create_task(courier.run())
        yield
        deliveries.cancel()
        await asyncio.gather(deliveries, return_exceptions=True)
        world.studio.close()

    makers: list[Callable[[World], list[Route]]] = [
        openai_routes,
        omni_routes,
        file_routes,
        vertex_routes,
        bucket_routes,
        oauth_routes,
        media_routes,
        gemini_veo_routes,
        control_routes,
    ]
    routes = [route for make in makers for route in make(world)]
    return _Dated(Starlette(routes=routes, lifespan=lifespan, exception_handlers={404: _unknown}), world)


async def _unknown(request: Request, exc: Exception) -> Response:
    return JSONResponse({"error": {"message": f"Unknown path {request.url.path}", "code": "unknown_url"}}, 404)


class _Dated:
    """Adds the Date header by the clock that is shown outside, which may be wrong on purpose."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app, self._world = app, world
        self._second, self._date = 0, b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"date", self._now())]
            await send(message)

        await self._app(scope, receive, send_dated)

    def _now(self) -> bytes:
        second = int(self._world.clock.now() + self._world.options.skew_s)
        if second != self._second:
            self._second, self._date = second, formatdate(second, usegmt=True).encode()
        return self._date
