"""Carries erasures to their end: from the rows, so that none is left half done by a crash."""

import asyncio
from uuid import UUID

from loguru import logger

from db import clients, erasures, retry, steering
from db.connection import Pool, transaction
from db.erasures import Emptied, Subject
from storage import keys
from storage.base import Storage, StorageError
from worker.lease import Incarnation
from worker.policies import Policies
from worker.rounds import rounds

_EVERY_S = 1.0
_SUBJECTS = 10
_VIDEOS = 100
_FIRST = UUID(int=0)


class Erasing:
    """Ends the videos, empties the rows of those that have ended, then takes their files and at last the rows away."""

    def __init__(self, pool: Pool, me: Incarnation, policies: Policies, storage: Storage) -> None:
        self._pool = pool
        self._me = me
        self._policies = policies
        self._storage = storage

    async def run(self, stop: asyncio.Event) -> None:
        """A round a second until `stop`."""
        await rounds(self.run_once, lambda: _EVERY_S, stop)

    async def run_once(self) -> int:
        """A step of every erasure that is due; returns how many were finished."""
        if self._policies.starts_paused or self._me.draining or not self._me.holds():
            return 0
        try:
            return sum([await self._step(subject) for subject in await erasures.take(self._pool, _SUBJECTS)])
        except StorageError as error:
            logger.warning("an erasure waits for the storage", action="erase", error=type(error).__name__)
        except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
            logger.warning("an erasure waits for the database", action="erase", error=type(error).__name__)
        return 0

    async def _step(self, subject: Subject) -> bool:
        while await retry.contended(lambda: self._emptied(subject)) == _VIDEOS:
            pass
        last = _FIRST
        while videos := await erasures.emptied(self._pool, subject, last, _VIDEOS):
            for video in videos:
                await self._remove(video)
            last = videos[-1].id
        done = await erasures.close(self._pool, subject)
        if done:
            logger.bind(client_id=str(subject.client_id), action="erase").info("a client's user was erased")
        return done

    async def _remove(self, video: Emptied) -> None:
        async for stored in self._storage.list(keys.job_prefix(video.id)):
            await self._storage.delete(stored.key)
        if video.may_go:
            await steering.remove(self._pool, video.id)

    async def _emptied(self, subject: Subject) -> int:
        """How many videos lost their text; nothing of this client's is accepted meanwhile."""
        async with transaction(self._pool) as conn:
            await clients.lock(conn, subject.client_id)
            await erasures.end_videos(conn, subject)
            return await erasures.remove_texts(conn, subject, _VIDEOS)
