"""Claiming for this process: when a ticket says so, when room appears, and every second from a loop of its own."""

import asyncio
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from loguru import logger

from db import claims, retry, work
from db.claims import Claim
from db.connection import Pool
from db.states import JobState
from jobqueue.tickets import Tickets
from worker.clock import boottime
from worker.lease import Incarnation
from worker.policies import Policies
from worker.rounds import rounds
from worker.runner import Runner
from worker.stages import log_transition

_EVERY_S = 1.0
_FULL_RING = timedelta(milliseconds=250)
_AT_ONCE = 2


class Claimer:
    """Starts what lanes may start. No ring is trusted: the loop finds the same rows without one.

    `can_store` becomes true once the storage has worked: until then nothing that costs money is begun.
    """

    def __init__(self, pool: Pool, me: Incarnation, runner: Runner, policies: Policies, tickets: Tickets) -> None:
        self._pool = pool
        self._me = me
        self._runner = runner
        self._policies = policies
        self._tickets = tickets
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._again: dict[UUID, bool] = {}
        self._hungry: set[UUID] = set()
        self.can_store = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def claim_lane(self, lane_id: UUID) -> None:
        """Start what this lane may start now; a call while one is under way makes that one look once more."""
        if lane_id in self._again:
            self._again[lane_id] = True
            return
        self._again[lane_id] = True
        try:
            while self._again[lane_id]:
                self._again[lane_id] = False
                await self._claim_once(lane_id)
        except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
            logger.warning("claim failed", action="claim", lane=str(lane_id), error=type(error).__name__)
        finally:
            del self._again[lane_id]

    def poke(self, lane_id: UUID) -> None:
        """A slot or a place of the lane became free: claim if rows are known to wait for it."""
        if lane_id in self._hungry and not self._me.draining:
            self._spawn(lane_id)

    async def run(self, stop: asyncio.Event) -> None:
        """Claim for every lane with due rows, once a second, until `stop`."""
        await rounds(self.run_once, lambda: _EVERY_S * random.uniform(0.9, 1.1), stop)

    async def run_once(self) -> int:
        """One round; returns how many lanes had something due."""
        if not self._may_start():
            return 0
        try:
            await retry.contended(lambda: claims.tag_due(self._pool))
            lanes = await claims.startable_lanes(self._pool)
        except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
            logger.warning("looking for due videos failed", action="claim", error=type(error).__name__)
            return 0
        self._hungry = set(lanes)
        await asyncio.gather(*(self.claim_lane(lane_id) for lane_id in lanes))
        return len(lanes)

    async def _claim_once(self, lane_id: UUID) -> None:
        if not self._may_start():
            return
        places = self._runner.room()
        if places <= 0:
            self._hungry.add(lane_id)
            await self._tickets.ring_at(lane_id, datetime.now(UTC) + _FULL_RING)
            return
        async with self._slots:
            if self._me.draining:
                return
            with self._runner.taking():
                got = await self._take(lane_id, places)
        await self._follow_up(lane_id, got)

    async def _take(self, lane_id: UUID, places: int) -> Claim:
        """Claim and start. Once rows are claimed, their start waits for the database as long as it is away."""
        claimed_at = boottime()
        owner = self._me.id
        got = await retry.contended(lambda: claims.claim(self._pool, lane_id, owner, places, self._policies.lanes))
        if got.job_ids:
            items = await retry.until_done(lambda: work.items(self._pool, list(got.job_ids), owner))
            self._runner.start(items, claimed_at)
            for item in items:
                log_transition(replace(item, state=JobState.QUEUED), item.state)
        return got

    async def _follow_up(self, lane_id: UUID, got: Claim) -> None:
        if self._me.draining:
            await self._tickets.ring([lane_id])
            return
        if got.held_back or got.more:
            self._hungry.add(lane_id)
        if got.more:
            self._again[lane_id] = self._runner.room() > 0
            await self._tickets.ring([lane_id])
        if got.next_start_at is not None:
            wait_s = max((got.next_start_at - datetime.now(UTC)).total_seconds(), 0.0)
            asyncio.get_running_loop().call_later(wait_s + 0.005, self._spawn, lane_id)
            await self._tickets.ring_at(lane_id, got.next_start_at)

    def _may_start(self) -> bool:
        return self.can_store and not self._policies.starts_paused and not self._me.draining and self._me.holds()

    def _spawn(self, lane_id: UUID) -> None:
        if not self._me.draining:
            task = asyncio.create_task(self.claim_lane(lane_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
