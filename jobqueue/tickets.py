"""The bell and the tickets: cheap, interchangeable hints that a lane may start something now.

A ring sets a short-lived key; only who set it puts a ticket on the queue, so a thousand creates cost a few of them.
Postgres decides what starts; a lost or doubled ticket is harmless, and no ring may ever fail its caller.
"""

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

from arq.connections import ArqRedis

from jobqueue import names
from jobqueue.fuse import Fuse

_BELL_MS = 1000


class Tickets:
    """Rings bells of one installation, through the process's fuse."""

    def __init__(self, redis: ArqRedis, installation: UUID, fuse: Fuse) -> None:
        self._redis = redis
        self._installation = installation
        self._fuse = fuse

    async def ring(self, lanes: Iterable[UUID]) -> None:
        """Say that these lanes may have something to start; silently nothing where Redis is away."""

        async def call() -> None:
            for lane_id in set(lanes):
                if await self._redis.set(names.bell(self._installation, lane_id), 1, nx=True, px=_BELL_MS):
                    await self._enqueue(lane_id)

        await self._fuse.carry(call)

    async def ring_at(self, lane_id: UUID, moment: datetime) -> None:
        """Put one deferred ticket for the time at which the rate lets the lane start again."""
        wait_ms = math.ceil(max((moment - datetime.now(UTC)) / timedelta(milliseconds=1), 1))

        async def call() -> None:
            if await self._redis.set(names.later_bell(self._installation, lane_id), 1, nx=True, px=wait_ms):
                await self._enqueue(lane_id, timedelta(milliseconds=wait_ms))

        await self._fuse.carry(call)

    async def clear(self, lane_id: UUID) -> None:
        """What a ticket does first: whoever has news after this rings anew."""
        await self._fuse.carry(lambda: self._redis.delete(names.bell(self._installation, lane_id)))

    async def _enqueue(self, lane_id: UUID, defer: timedelta | None = None) -> None:
        await self._redis.enqueue_job(names.TICKET, str(self._installation), str(lane_id), _defer_by=defer)
