"""Is the process there, can it serve, does anybody work: three questions, open without a key."""

import asyncio
from datetime import UTC, datetime
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute

from app.answers.operators import Ready, WorkerHealth, WorkerSeen
from app.calls import open_to_all
from app.deps import Deps
from app.health import Health, look
from app.problems import unavailable
from app.views import moment
from db import installation
from db.queue_figures import LivingWorker
from db.retry import CONTENDED, UNAVAILABLE

_PATIENCE_S = 3.0


def routes() -> list[BaseRoute]:
    return [
        open_to_all("/healthz", alive),
        open_to_all("/readyz", ready),
        open_to_all("/api/health/worker", worker),
    ]


async def alive(request: Request, deps: Deps) -> Response:
    """The process serves; touches nothing."""
    return PlainTextResponse("ok")


async def ready(request: Request, deps: Deps) -> Response:
    """200 when Postgres answers and stands at the migration that this release needs, else 503."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            found = await installation.revision(deps.pool)
    except (*UNAVAILABLE, *CONTENDED):
        raise unavailable("Postgres does not answer") from None
    if found != deps.policy.revision:
        raise unavailable("The database is not at the migration that this release needs: run python -m db.migrate")
    return JSONResponse(Ready(ready=True, revision=found))


async def worker(request: Request, deps: Deps) -> Response:
    """503 when Postgres is down, no worker lives or work stalls; with Redis down alone it stays 200."""
    is_redis_up, seen = await asyncio.gather(deps.bell.answers(), _looked(deps))
    workers = seen.workers if seen else []
    error = "postgres does not answer" if seen is None else seen.reason
    healthy = seen is not None and not seen.restored and not seen.stalled and bool(workers)
    answer: WorkerHealth = {
        "healthy": healthy,
        "redis": "connected" if is_redis_up else "down",
        "postgres": "connected" if seen else "down",
        "activeWorkers": bool(workers),
        "workers": [_living(one) for one in workers],
        "oldestWaitingSeconds": seen.figures.oldest_waiting_s if seen else None,
        "budget": "none set" if deps.policy.budget_micros is None else "set",
        "timestamp": moment(datetime.now(UTC)),
    }
    if error:
        answer["error"] = error
    return JSONResponse(answer, HTTPStatus.OK if healthy else HTTPStatus.SERVICE_UNAVAILABLE)


async def _looked(deps: Deps) -> Health | None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await look(deps.pool, deps.policy)
    except (*UNAVAILABLE, *CONTENDED):
        return None


def _living(one: LivingWorker) -> WorkerSeen:
    return {
        "id": str(one.worker.id),
        "host": one.worker.host,
        "inFlight": one.worker.in_flight,
        "heartbeatAgeSeconds": round(one.beat_age_s, 1),
        "version": one.worker.version,
        "draining": one.worker.draining,
    }
