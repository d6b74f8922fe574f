"""Progress figures of many videos, written in one statement a second for the whole process."""

import asyncio
from uuid import UUID

from loguru import logger

from db import retry, transitions
from db.connection import Pool
from jobqueue.channels import Channels
from worker.rounds import rounds

_EVERY_S = 1.0


class ProgressBook:
    """Keeps the newest figure of each video until the next flush; a lost one is followed by the next."""

    def __init__(self, pool: Pool, channels: Channels) -> None:
        self._pool = pool
        self._channels = channels
        self._seen: dict[UUID, tuple[int, int]] = {}

    def note(self, job_id: UUID, epoch: int, percent: int) -> None:
        """The provider's own figure, 0 to 100."""
        self._seen[job_id] = (epoch, max(0, min(percent, 100)))

    async def run(self, stop: asyncio.Event) -> None:
        """Flush every second until `stop`."""
        await rounds(self.run_once, lambda: _EVERY_S, stop)

    async def run_once(self) -> int:
        """Write what came in since the last time; returns how many figures."""
        seen, self._seen = self._seen, {}
        if not seen:
            return 0
        try:
            await transitions.progress(self._pool, [(job_id, *figure) for job_id, figure in seen.items()])
        except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
            logger.debug("progress not written", error=type(error).__name__)
            return 0
        await self._channels.progressed({str(job_id): percent for job_id, (_, percent) in seen.items()})
        return len(seen)
