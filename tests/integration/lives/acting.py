"""How the rules of `machine` are carried out: by whom, with what they remember, and what must not move."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine

from app.retrying import decide
from db import steering, transitions, work, workers
from db.connection import Pool, transaction
from db.retry import UniqueViolation
from db.states import JobState
from db.tables import VideoJob
from db.transitions import Ending
from db.work import WorkItem
from tests.integration.db.world import PATIENCE, PRICE, VIDEO, World, hold, sub
from tests.integration.lives.hands import tools_of
from tests.integration.lives.truths import Truths
from worker.held import Held
from worker.stages import end
from worker.steps.wait import wait


@dataclass
class Call:
    """A paid request under way. `ghost`: nobody will hear its answer; it may still arrive until `until`."""

    item: WorkItem
    worker: UUID
    until: timedelta
    ghost: bool = False
    provider_id: str | None = None


class Acting(RuleBasedStateMachine):
    """`runner` and `pool` are the test's. `held` is what each worker remembers of a row, however stale."""

    runner: ClassVar[asyncio.Runner]
    pool: ClassVar[Pool]

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.pool)
        self.clock = timedelta(0)
        self.alive: list[UUID] = []
        self.frozen: list[UUID] = []
        self.held: dict[tuple[UUID, UUID], WorkItem] = {}
        self.calls: dict[UUID, Call] = {}
        self.moved_by_a_person: set[UUID] = set()
        self.seen = Truths({}, {}, [], {}, set())
        self.numbers = count(1)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    async def _look(self, tools: Any, item: WorkItem, held: Held) -> WorkItem | None:
        running = item.provider_job_id in self.book.running()
        is_over = item.wait_until is not None and item.wait_until <= item.read_at
        held.cancel_wanted = item.cancel_requested_at is not None
        if running and not is_over and not (held.cancel_wanted and self.book.can_cancel):
            await transitions.progress(self.pool, [(item.id, item.epoch, 40)])
            return item
        return await wait(tools, item, held)

    async def _collect(self, tools: Any, item: WorkItem, how: str) -> WorkItem | None:
        match how:
            case "stored":
                await transitions.stored(self.pool, hold(item), VIDEO, PRICE)
            case "later":
                wait_for = timedelta(seconds=5)
                await transitions.collect_later(self.pool, hold(item), wait=wait_for, code="storage", message="full")
            case _:
                states = (JobState.COLLECTING,)
                await end(tools, item, Ending(JobState.FAILED, states, "asset_expired", "gone", cost_micros=PRICE))
        return await tools.reread(item)

    def _step(self, worker: UUID, item: WorkItem, step: Any) -> None:
        """A living worker reads its row before a step; one that wakes up goes on with what it remembers."""

        async def stepped(tools: Any) -> WorkItem | None:
            fresh = item if worker in self.frozen else await tools.reread(item)
            if fresh is None or fresh.state != item.state:
                return fresh
            return await step(tools, fresh, Held(fresh.id, fresh.lane_id, fresh.epoch, fresh.state))

        self._act(Call(item, worker, self.clock), stepped)

    def _act(self, call: Call, act: Any) -> None:
        """Who no longer holds the row must leave it as it is."""
        job_id, name = call.item.id, (call.worker, call.item.id)
        before = self.run(Truths.read(self.pool)).jobs.get(job_id)
        after = self.run(act(tools_of(call.worker, self.pool, self.book)))
        if before is None or (before["owner"], before["epoch"]) != (call.worker, call.item.epoch):
            assert self.run(Truths.read(self.pool)).jobs.get(job_id) == before
        if name in self.held and self.held[name].epoch == call.item.epoch:
            del self.held[name]
        if after is not None and call.worker in self.alive:
            self.held[name] = after

    def _by_hand(self, job_id: UUID, act: Any, *arguments: Any) -> None:
        if self.run(act(job_id, *arguments)):
            self.moved_by_a_person.add(job_id)

    async def _cancel(self, job_id: UUID, discard: bool) -> bool:
        state = JobState(self.seen.jobs[job_id]["state"])
        can_be_asked = state is JobState.SUBMITTING or (state is JobState.GENERATING and self.book.can_cancel)
        if can_be_asked:
            return await steering.ask_cancel(self.pool, job_id, (state,), discard=discard)
        return await steering.cancel_now(self.pool, job_id, discard=discard)

    async def _retry(self, job_id: UUID) -> bool:
        chosen = decide(VideoJob.model_construct(**self.seen.jobs[job_id]))
        if chosen.is_paid:
            return await self._resubmit(job_id, JobState.FAILED)
        return await steering.retry_where_the_money_is(self.pool, job_id, chosen.state, PATIENCE)

    async def _resubmit(self, job_id: UUID, from_state: JobState) -> bool:
        async with transaction(self.pool) as conn:
            return await steering.retry_submission(conn, job_id, from_state, "retried")

    async def _fail(self, job_id: UUID) -> bool:
        return await steering.fail_review(self.pool, job_id, "an operator says so")

    async def _adopt(self, job_id: UUID, provider_id: str) -> bool:
        try:
            return await steering.adopt_provider_id(self.pool, job_id, provider_id, PATIENCE, None)
        except UniqueViolation:
            return False

    def _remember(self, worker: UUID, job_ids: list[UUID]) -> None:
        for item in self.run(work.items(self.pool, job_ids, worker)):
            self.held[worker, item.id] = item

    def _forget(self, worker: UUID) -> None:
        self.held = {name: item for name, item in self.held.items() if name[0] != worker}
        for call in self.calls.values():
            call.ghost = call.ghost or call.worker == worker

    async def _expire(self) -> None:
        beats = "UPDATE reelwork.workers SET beat = now() + CASE WHEN id = ANY ($1) THEN '1 hour' ELSE '-1 hour' END"
        await self.pool.execute(f"{beats}::interval", self.alive)
        await workers.expire(self.pool, timedelta(milliseconds=1))

    def _holding(self, state: str) -> list[tuple[UUID, WorkItem]]:
        """Who remembers a row in that state and has no call of its own under way for it."""
        busy = {(call.worker, call.item.id) for call in self.calls.values() if not call.ghost}
        found = [(name[0], item) for name, item in self.held.items() if item.state == state and name not in busy]
        return sorted(found, key=lambda one: (one[1].id, one[0]))

    def _calls(self, *, arrived: bool) -> list[Call]:
        """Arrived: whose answer somebody may hear. Else: requests that may still arrive."""
        calls = list(self.calls.values())
        if arrived:
            return [call for call in calls if call.provider_id and not call.ghost]
        return [call for call in calls if call.provider_id is None and self.clock < call.until]

    def _unanswered(self) -> list[Call]:
        return [call for call in self._heard() if call.provider_id is None]

    def _heard(self) -> list[Call]:
        return [call for call in self.calls.values() if not call.ghost]

    def _answered(self, call: Call) -> Call:
        return self.calls.pop(sub(call.item))

    def _in(self, *states: str) -> list[UUID]:
        return [job_id for job_id, job in self.seen.jobs.items() if job["state"] in states]

    def _new_id(self) -> UUID:
        """Ids in the order in which things appear, so that the same rules always meet the same rows."""
        return UUID(int=next(self.numbers))

    def _one(self, among: Any, which: int) -> Any:
        return among[which % len(among)]
