"""Tells the workers that something changed, after the commit; never slows or fails the request that says it."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from arq.connections import ArqRedis

from db import installation
from db.connection import Pool
from db.retry import CONTENDED, UNAVAILABLE
from jobqueue.channels import Channels
from jobqueue.fuse import UNHEARD, Fuse
from jobqueue.tickets import Tickets

_PATIENCE_S = 0.3


class Bell:
    """Rings lanes and names changed jobs. Knows its installation from the first time that Postgres answers."""

    def __init__(self, pool: Pool, redis: ArqRedis) -> None:
        self._pool = pool
        self._redis = redis
        self._fuse = Fuse(_PATIENCE_S)
        self._installation: UUID | None = None

    async def ring(self, lanes: Iterable[UUID]) -> None:
        """These lanes may have something to start."""
        if known := await self._known():
            await Tickets(self._redis, known, self._fuse).ring(lanes)

    async def look_at(self, job_id: UUID) -> None:
        """The owner of this job is to read its row again, and whoever watches it too."""
        if known := await self._known():
            channels = Channels(self._redis, known, self._fuse)
            await channels.wanted(job_id)
            await channels.changed(job_id)

    async def hint(self, job_id: UUID) -> None:
        """The owner of this job is to ask its provider at once."""
        if known := await self._known():
            await Channels(self._redis, known, self._fuse).hinted(job_id)

    async def channels(self) -> Channels | None:
        """Where this installation's changes are told; None as long as Postgres has not named the installation."""
        known = await self._known()
        return Channels(self._redis, known, self._fuse) if known else None

    async def answers(self) -> bool:
        """Whether Redis answers within a moment."""
        with suppress(*UNHEARD):
            async with asyncio.timeout(_PATIENCE_S):
                await self._redis.ping()
                return True
        return False

    async def _known(self) -> UUID | None:
        if self._installation is None:
            with suppress(*UNAVAILABLE, *CONTENDED, LookupError):
                async with asyncio.timeout(_PATIENCE_S):
                    self._installation = await installation.installation_id(self._pool)
        return self._installation
