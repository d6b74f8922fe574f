"""The bell and the tickets: cheap, interchangeable hints that a lane may start something now.

A ring sets a short-lived key; only who set it puts a ticket on the queue, so a thousand creates cost a few of them.
Postgres decides what starts; a lost or doubled ticket is harmless, and no ring may ever fail its caller.
"""

import asyncio
import math
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from arq.connections import ArqRedis
from redis.exceptions import RedisError

from jobqueue import names

_BELL_MS = 1000
_UNHEARD = (RedisError, OSError, TimeoutError)


class Tickets:
    """Rings bells of one installation. `patience_s` bounds every call, in seconds."""

    def __init__(self, redis: ArqRedis, installation: UUID, *, patience_s: float = 0.3) -> None:
        self._redis = redis
        self._installation = installation
        self._patience_s = patience_s

    async def ring(self, lanes: Iterable[UUID]) -> None:
        """Say that these lanes may have something to start; silently nothing where Redis is away."""
        with suppress(*_UNHEARD):
            async with asyncio.timeout(self._patience_s):
                for lane_id in set(lanes):
                    if await self._redis.set(names.bell(self._installation, lane_id), 1, nx=True, px=_BELL_MS):
                        await self._enqueue(lane_id)

    async def ring_at(self, lane_id: UUID, moment: datetime) -> None:
        """Put one deferred ticket for the time at which the rate lets the lane start again."""
        wait_ms = math.ceil(max((moment - datetime.now(UTC)) / timedelta(milliseconds=1), 1))
        with suppress(*_UNHEARD):
            async with asyncio.timeout(self._patience_s):
                if await self._redis.set(names.later_bell(self._installation, lane_id), 1, nx=True, px=wait_ms):
                    await self._enqueue(lane_id, timedelta(milliseconds=wait_ms))

    async def clear(self, lane_id: UUID) -> None:
        """What a ticket does first: whoever has news after this rings anew."""
        with suppress(*_UNHEARD):
            async with asyncio.timeout(self._patience_s):
                await self._redis.delete(names.bell(self._installation, lane_id))

    async def _enqueue(self, lane_id: UUID, defer: timedelta | None = None) -> None:
        await self._redis.enqueue_job(names.TICKET, str(self._installation), str(lane_id), _defer_by=defer)
