"""Rescue: nothing that a dead process held, and nothing that nobody moves, stays where it is."""

import asyncio
from uuid import UUID

from loguru import logger

from db import rescue, retry, steering, work, workers
from db.connection import Pool
from observing.meters import Meters
from worker.lease import Incarnation
from worker.rounds import rounds
from worker.runner import Runner

_EVERY_S = 1.0
_BATCH = 500
_COMPARE_EVERY = 5
_TIDY_EVERY = 10
_RARELY = 60


class Rescuer:
    """Adopts dead workers' videos, compares rows with coroutines, and ends what may no longer start."""

    def __init__(self, pool: Pool, me: Incarnation, runner: Runner, meters: Meters) -> None:
        self._pool = pool
        self._me = me
        self._runner = runner
        self._meters = meters
        self._round = 0
        self._suspects: set[UUID] = set()
        self._idle: set[UUID] = set()
        self._takes: frozenset[object] = frozenset()

    async def run(self, stop: asyncio.Event) -> None:
        """A round a second until `stop`."""
        await rounds(self.run_once, lambda: _EVERY_S, stop)

    async def run_once(self) -> int:
        """One round; returns how many videos were adopted."""
        if self._me.draining or not self._me.holds():
            return 0
        self._round += 1
        try:
            adopted = await self.adopt()
            if self._round % _COMPARE_EVERY == 0:
                await self.compare()
            if self._round % _TIDY_EVERY == 0:
                await self.tidy()
        except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
            logger.warning("rescue failed", action="rescue", error=type(error).__name__)
            return 0
        return adopted

    async def adopt(self) -> int:
        """Take over everything without a living owner, whatever this process's own limit; returns how many."""
        me, total = self._me.id, 0
        if self._me.may_judge():
            dead = await workers.expire(self._pool, self._me.policy.lease)
            if dead:
                self._meters.add("reelwork_dead_workers_total", len(dead))
                logger.warning("workers are dead", action="expire", workers=[str(worker_id) for worker_id in dead])
        while not self._me.draining:
            with self._runner.taking():
                job_ids = await retry.contended(lambda: workers.adopt(self._pool, me, _BATCH))
                self._runner.start(await work.items(self._pool, job_ids, me) if job_ids else ())
            total += len(job_ids)
            if len(job_ids) < _BATCH:
                break
        if total:
            self._meters.add("reelwork_adopted_videos_total", total)
            logger.info("videos adopted", action="adopt", count=total)
        return total

    async def tidy(self) -> None:
        """Rows of the queue that may not start, and rows that no rule of the states explains."""
        await rescue.expire_queued(self._pool)
        await steering.cancel_requeued(self._pool)
        if found := await rescue.disown(self._pool) + await rescue.review_unaccounted(self._pool):
            logger.error("rows were found that nothing would have moved", action="rescue", count=found)
        if self._round % _RARELY == 0:
            await rescue.make_due(self._pool)

    async def compare(self) -> None:
        """Mend both ways: rows that name this worker but run nowhere, coroutines whose row is no longer ours.

        Nothing is mended on one look, which may have come between a commit and its answer: a coroutine is stopped when
        two in a row found it without its row, a row is run again when two in a row found it running nowhere and no
        claim or adoption of the first one's time is still under way.
        """
        if self._me.draining:
            return
        before = self._runner.held()
        me = self._me.id
        rows = {row.job_id: row for row in await workers.owned(self._pool, me)}
        now = self._runner.held()
        suspects = {
            job_id
            for job_id, held in before.items()
            if now.get(job_id) is held and not _matches(rows, job_id, held.epoch)
        }
        self._runner.stop(suspects & self._suspects)
        self._suspects = suspects
        await self._run_again({job_id for job_id in rows if job_id not in before and job_id not in now})
        for job_id, row in rows.items():
            if row.cancel and (held := now.get(job_id)) and not held.cancel_wanted:
                held.want_cancel()

    async def _run_again(self, idle: set[UUID]) -> None:
        """Rows of ours that run nowhere; those that still do at the next look are started again, under a new epoch."""
        lost = [] if self._takes & self._runner.takes else sorted(idle & self._idle)
        self._idle, self._takes = idle.difference(lost), self._runner.takes
        if lost:
            logger.warning("rows of ours ran nowhere", action="readopt", count=len(lost))
            again = await workers.readopt(self._pool, self._me.id, lost)
            self._runner.start(await work.items(self._pool, again, self._me.id))


def _matches(rows: dict[UUID, workers.Held], job_id: UUID, epoch: int) -> bool:
    return job_id in rows and rows[job_id].epoch == epoch
