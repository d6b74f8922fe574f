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
from redis.exceptions import RedisError

from jobqueue import names

_UNHEARD = (RedisError, OSError, TimeoutError)


class Channels:
    """Publishes for one installation. `patience_s` bounds every call, in seconds."""

    def __init__(self, redis: Redis, installation: UUID, *, patience_s: float = 0.3) -> None:
        self._redis = redis
        self._installation = installation
        self._patience_s = patience_s

    async def changed(self, job_id: UUID, **news: Any) -> None:
        """Tell watchers that a job's row changed; `news` may carry stage and progress, never a secret."""
        await self._publish(names.changes(self._installation), {"jobId": str(job_id), **news})

    async def progressed(self, percents: dict[str, int]) -> None:
        """Tell watchers the newest figures of many jobs at once, by job id."""
        await self._publish(names.changes(self._installation), {"progress": percents})

    async def wanted(self, job_id: UUID) -> None:
        """Ask the owner of a job to look at its row at once."""
        await self._publish(names.control(self._installation), {"jobId": str(job_id)})

    async def control(self) -> AsyncIterator[UUID]:
        """The ids of jobs whose owners are asked to look; comes back by itself after Redis was away."""
        async for message in self._listen(names.control(self._installation)):
            with suppress(KeyError, ValueError):
                yield UUID(message["jobId"])

    async def changes(self) -> AsyncIterator[dict[str, Any]]:
        """What `changed` tells, for every job of the installation."""
        async for message in self._listen(names.changes(self._installation)):
            yield message

    async def _publish(self, channel: str, message: dict[str, Any]) -> None:
        with suppress(*_UNHEARD):
            async with asyncio.timeout(self._patience_s):
                await self._redis.publish(channel, json.dumps(message))

    async def _listen(self, channel: str) -> AsyncIterator[dict[str, Any]]:
        while True:
            with suppress(*_UNHEARD):
                async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(channel)
                    while True:
                        message = await pubsub.get_message(timeout=5)
                        if message is not None:
                            yield json.loads(message["data"])
            await asyncio.sleep(1)
