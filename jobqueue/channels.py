"""Channels: who watches a job hears that it changed, and its owner hears that it is wanted. Hints only.

A message names a job (or a lane); whoever hears it reads Postgres. Nothing is lost where Redis is away: the workers'
own loops and the watchers' slow polls find the same news a little later.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any
from uuid import UUID

from redis.asyncio import Redis

from jobqueue import names
from jobqueue.fuse import UNHEARD, Fuse


class Channels:
    """Publishes for one installation, through the process's fuse."""

    def __init__(self, redis: Redis, installation: UUID, fuse: Fuse) -> None:
        self._redis = redis
        self._installation = installation
        self._fuse = fuse

    async def changed(self, job_id: UUID, **news: Any) -> None:
        """Tell watchers that a job's row changed; `news` may carry stage and progress, never a secret."""
        await self._publish(names.changes(self._installation), {"jobId": str(job_id), **news})

    async def progressed(self, percents: dict[str, int]) -> None:
        """Tell watchers the newest figures of many jobs at once, by job id."""
        await self._publish(names.changes(self._installation), {"progress": percents})

    async def wanted(self, job_id: UUID) -> None:
        """Ask the owner of a job to look at its row at once."""
        await self._publish(names.control(self._installation), {"jobId": str(job_id)})

    async def hinted(self, job_id: UUID) -> None:
        """Ask the owner of a job to ask its provider at once."""
        await self._publish(names.control(self._installation), {"hintedId": str(job_id)})

    async def sweeping(self, message: dict[str, Any]) -> None:
        """Tell the other workers what a lane's listing showed, or what it is to be read for."""
        await self._publish(names.control(self._installation), {"sweep": message})

    async def control(self) -> AsyncIterator[dict[str, Any]]:
        """What `wanted`, `hinted` and `sweeping` say; comes back by itself after Redis was away."""
        async for message in self._listen(names.control(self._installation)):
            yield message

    async def changes(self) -> AsyncIterator[dict[str, Any]]:
        """What `changed` tells, for every job of the installation."""
        async for message in self._listen(names.changes(self._installation)):
            yield message

    async def _publish(self, channel: str, message: dict[str, Any]) -> None:
        await self._fuse.carry(lambda: self._redis.publish(channel, json.dumps(message)))

    async def _listen(self, channel: str) -> AsyncIterator[dict[str, Any]]:
        while True:
            with suppress(*UNHEARD):
                async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(channel)
                    while True:
                        message = await pubsub.get_message(timeout=5)
                        if message is not None:
                            yield json.loads(message["data"])
            await asyncio.sleep(1)
