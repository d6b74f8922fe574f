"""`python -m worker.health`: the health of this installation's workers as JSON on stdout; exit 0 healthy, 1 not."""

import asyncio
import json
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from config.settings import Settings, load_settings_or_exit
from db import history, installation, queue_figures, retry
from db.connection import Executor, connect
from db.queue_figures import LivingWorker, StallPolicy
from jobqueue.pool import open_redis
from worker.policy_from import database_of

_PATIENCE_S = 5.0


async def health(settings: Settings) -> dict[str, Any]:
    """Ask Postgres and Redis, within seconds; never raises for what is away."""
    answer: dict[str, Any] = {"healthy": False, "redis": await _redis(settings), "postgres": "down"}
    answer |= {"activeWorkers": False, "workers": [], "oldestWaitingSeconds": None}
    try:
        async with asyncio.timeout(_PATIENCE_S):
            connection = await connect(database_of(settings))
            try:
                answer |= await _from_postgres(connection, settings)
            finally:
                connection.terminate()
    except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
        answer["error"] = f"Postgres does not answer: {type(error).__name__}"
    return answer | {"timestamp": datetime.now(UTC).isoformat()}


async def _from_postgres(conn: Executor, settings: Settings) -> dict[str, Any]:
    policy = StallPolicy(
        after=timedelta(seconds=settings.queue_stall_seconds),
        generation_timeout=timedelta(seconds=settings.generation_timeout_seconds),
        max_in_flight=settings.lane_max_in_flight,
    )
    figures = await queue_figures.stats(conn)
    living = await queue_figures.living_workers(conn, timedelta(seconds=settings.lease_seconds))
    stalled = await queue_figures.is_stalled(conn, policy)
    row = await installation.read(conn)
    return {
        "healthy": bool(living) and not stalled and row.restored_at is None,
        **({"error": history.advice(row)} if row.restored_at else {}),
        "postgres": "connected",
        "activeWorkers": bool(living),
        "workers": [_shown(one) for one in living],
        "oldestWaitingSeconds": figures.oldest_waiting_s,
    }


def _shown(one: LivingWorker) -> dict[str, Any]:
    worker = one.worker
    return {
        "id": str(worker.id),
        "host": worker.host,
        "inFlight": worker.in_flight,
        "heartbeatAgeSeconds": round(one.beat_age_s, 1),
        "version": worker.version,
    }


async def _redis(settings: Settings) -> str:
    redis = open_redis(settings.redis_url, queue=settings.queue_name, max_connections=1, patient=False)
    with suppress(Exception):
        async with asyncio.timeout(2):
            await redis.ping()
            return "connected"
    return "down"


async def _main() -> int:
    answer = await health(load_settings_or_exit("worker"))
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0 if answer["healthy"] else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(_main()))
