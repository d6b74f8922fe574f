"""The cron jobs: what may go goes, in batches that stay far below ten seconds; nothing unfinished is touched."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from loguru import logger

from db import create_calls, files, idempotency, images, retention, retry, steering, webhooks, workers
from db.connection import Pool
from db.retention import Kept
from db.states import ENDED
from storage import keys
from storage.base import Storage, StorageError

_BATCH = 1000
_FILES_BATCH = 50
_DISCARDED_FOR = timedelta(minutes=1)
_UNFINISHED_UPLOADS = timedelta(hours=1)
_GONE_WORKERS = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long things are kept; None keeps them for ever."""

    progress: Kept
    events: timedelta
    videos: timedelta | None
    rows: timedelta | None


class Retention:
    """One batch of each kind of clean-up a call; the next call goes on."""

    def __init__(self, pool: Pool, storage: Storage, keeping: Keeping) -> None:
        self._pool = pool
        self._storage = storage
        self._keeping = keeping

    async def records(self) -> dict[str, int]:
        """Progress lines, old timelines, what was kept for writes sent again, uploads past their time, images that
        nothing refers to, rows of processes long gone; how many."""
        removed = {
            "progress": await retention.trim_progress(self._pool, self._keeping.progress, _BATCH),
            "events": await retention.trim_events(self._pool, self._keeping.events, _BATCH),
            "creates": await create_calls.forget(self._pool, _BATCH),
            "answers": await idempotency.forget(self._pool, _BATCH),
            "webhooks": await webhooks.forget(self._pool, self._keeping.events, _BATCH),
            "uploads": await files.forget(self._pool, _BATCH),
            "images": await images.forget(self._pool, _FILES_BATCH),
        }
        await workers.forget(self._pool, _GONE_WORKERS)
        if any(removed.values()):
            logger.info("records cleaned up", action="cleanup", **removed)
        return removed

    async def files(self) -> int:
        """Videos and rows past their time, and removals that were left half done; returns how many jobs."""
        done = 0
        for job_id in await retention.half_deleted(self._pool, _FILES_BATCH):
            done += await self._remove(job_id)
        done += await self.discarded(_DISCARDED_FOR)
        if self._keeping.rows is not None:
            for job_id in await retention.old_rows(self._pool, self._keeping.rows, _FILES_BATCH):
                if await steering.mark_deleting(self._pool, job_id, ENDED):
                    done += await self._remove(job_id)
        if self._keeping.videos is not None:
            for job_id in await retention.old_videos(self._pool, self._keeping.videos, _FILES_BATCH):
                await self._remove_files(job_id)
                await retention.forget_video(self._pool, job_id)
                done += 1
        return done

    async def discarded(self, older_than: timedelta) -> int:
        """What was stored for jobs that were cancelled before their worker heard of it; returns how many jobs."""
        job_ids = await retention.discarded(self._pool, older_than, _FILES_BATCH)
        for job_id in job_ids:
            await self._remove_files(job_id)
            await retention.forget_result(self._pool, job_id)
        return len(job_ids)

    async def sweep(self) -> int:
        """Our own temporary names in the storage: unfinished uploads that nobody goes on with; returns how many."""
        return await self._storage.sweep(_UNFINISHED_UPLOADS, keep=self._goes_on)

    async def _goes_on(self, key: str) -> bool:
        return await retention.is_collected(self._pool, keys.job_of(key))

    async def _remove(self, job_id: UUID) -> int:
        await self._remove_files(job_id)
        return int(await steering.remove(self._pool, job_id))

    async def _remove_files(self, job_id: UUID) -> None:
        async for stored in self._storage.list(f"{job_id}/"):
            await self._storage.delete(stored.key)


async def quietly(name: str, work: "Retention", batch: str) -> int:
    """Run one batch of a cron job; where storage or database is in trouble, the next time goes on."""
    try:
        result = await getattr(work, batch)()
    except StorageError as error:
        logger.warning("clean-up could not reach the storage", action=name, error=str(error))
        return 0
    except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
        logger.warning("clean-up could not reach the database", action=name, error=type(error).__name__)
        return 0
    return result if isinstance(result, int) else sum(result.values())
