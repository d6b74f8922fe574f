"""/metrics: the installation's figures for Prometheus."""

from starlette.responses import Response
from starlette.routing import BaseRoute

from app.calls import Call, guarded
from app.scopes import Scope
from observing.exposition import CONTENT_TYPE
from observing.page import page


def routes() -> list[BaseRoute]:
    return [guarded("/metrics", "GET", Scope.OBSERVE, shown)]


async def shown(call: Call) -> Response:
    """Of all processes, whichever of them answers."""
    await call.deps.totals.write()
    return Response(await page(call.deps.pool, call.deps.policy.limits), media_type=CONTENT_TYPE)
