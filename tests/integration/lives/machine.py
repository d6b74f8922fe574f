"""Everything that may happen to a few videos, in any order: workers, callers, operators and a provider."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from db import rescue, steering, transitions, workers
from db.states import ENDED, JobState, Outcome
from db.tables import Worker
from db.transitions import Ending, Refusal
from db.work import WorkItem
from providers.base import RemoteStatus
from tests.integration.db.conftest import EMPTY
from tests.integration.db.world import FREE, Account, hold, sub
from tests.integration.lives.acting import Acting, Call
from tests.integration.lives.book import Book
from tests.integration.lives.truths import HELD, Truths
from worker.stages import end
from worker.steps.recover import recover
from worker.steps.submit import record_accepted, requeue

ANY = st.integers(0, 1000)
PROMPTS = st.sampled_from(["twins", "twins", "other twins", None])
AGES = st.sampled_from([70, 400, 2000])
LATE = timedelta(seconds=60)
OLDER = """
WITH jobs AS (
  UPDATE reelwork.video_jobs SET wait_until = wait_until - $1::interval
  WHERE state NOT IN ('completed', 'failed', 'cancelled')
)
UPDATE reelwork.submissions SET answered_at = answered_at - $1::interval
"""
VERDICTS = st.sampled_from([RemoteStatus.COMPLETED, RemoteStatus.COMPLETED, RemoteStatus.FAILED])


class Lives(Acting):
    """The rules, and the truths after each of them."""

    @initialize(can_cancel=st.booleans(), failed_is_free=st.booleans())
    def begin(self, can_cancel: bool, failed_is_free: bool) -> None:
        self.book = Book(can_cancel, failed_is_free)
        self.run(self.pool.execute(EMPTY))
        self.account: Account = self.run(self.world.account())
        self.a_worker_starts()
        self.accept(None, 2)

    # The workers

    @precondition(lambda self: len(self.alive) < 3)
    @rule()
    def a_worker_starts(self) -> None:
        row = Worker(id=self._new_id(), host="here", pid=1, version="0", capacity=100)
        self.run(workers.register(self.pool, row))
        self.alive.append(row.id)

    @precondition(lambda self: self.alive)
    @rule(which=ANY, wakes=st.booleans(), has_heir=st.booleans())
    def a_worker_falls_silent(self, which: int, wakes: bool, has_heir: bool) -> None:
        worker = self.alive.pop(which % len(self.alive))
        if wakes:
            self.frozen.append(worker)
        else:
            self._forget(worker)
        self.run(self._expire())
        if has_heir:
            self.a_worker_starts()
            self.a_worker_adopts(len(self.alive) - 1)

    @precondition(lambda self: self.alive)
    @rule(which=ANY)
    def a_worker_leaves(self, which: int) -> None:
        worker = self.alive.pop(which % len(self.alive))
        self._forget(worker)
        self.run(workers.release(self.pool, worker, []))
        self.run(workers.leave(self.pool, worker))

    @precondition(lambda self: self.alive)
    @rule(which=ANY)
    def a_worker_adopts(self, which: int) -> None:
        worker = self.alive[which % len(self.alive)]
        self._remember(worker, self.run(workers.adopt(self.pool, worker, 100)))

    @precondition(lambda self: self.held)
    @rule(which=ANY)
    def an_answer_of_the_database_is_lost(self, which: int) -> None:
        worker, job_id = self._one(sorted(self.held), which)
        del self.held[worker, job_id]

    @precondition(lambda self: self.alive)
    @rule(which=ANY)
    def a_worker_compares(self, which: int) -> None:
        worker = self.alive[which % len(self.alive)]
        rows = {row.job_id: row.epoch for row in self.run(workers.owned(self.pool, worker))}
        for name in [name for name in self.held if name[0] == worker]:
            if rows.get(name[1]) != self.held[name].epoch:
                del self.held[name]
        idle = [job_id for job_id in rows if (worker, job_id) not in self.held]
        self._remember(worker, self.run(workers.readopt(self.pool, worker, idle)))

    # The paid call

    @precondition(lambda self: self.alive)
    @rule(which=ANY)
    def claim(self, which: int) -> None:
        worker = self.alive[which % len(self.alive)]
        got = self.run(self.world.claim(self.account.lane, worker, 1, FREE))
        self._remember(worker, list(got.job_ids))
        for job_id in got.job_ids:
            item = self.held[worker, job_id]
            self.calls[sub(item)] = Call(item, worker, self.clock + LATE)

    @precondition(lambda self: self._calls(arrived=False))
    @rule(which=ANY)
    def the_provider_accepts(self, which: int) -> None:
        call = self._one(self._calls(arrived=False), which)
        call.provider_id = self.book.accept(call.item)

    @precondition(lambda self: self._calls(arrived=True))
    @rule(which=ANY)
    def the_answer_names_the_video(self, which: int) -> None:
        call = self._answered(self._one(self._calls(arrived=True), which))
        self._act(call, lambda tools: record_accepted(tools, call.item, call.provider_id or ""))

    @precondition(lambda self: self._unanswered())
    @rule(which=ANY, how=st.sampled_from([Outcome.NOT_ACCEPTED, Outcome.NOT_SENT, Outcome.REJECTED]))
    def the_answer_is_a_refusal(self, which: int, how: Outcome) -> None:
        call = self._answered(self._one(self._unanswered(), which))
        wait_for = timedelta(seconds=5)
        if how is Outcome.REJECTED:
            ending = Ending(JobState.FAILED, (JobState.SUBMITTING,), "moderated", "no", outcome=how)
            self._act(call, lambda tools: end(tools, call.item, ending))
        else:
            self._act(call, lambda tools: requeue(tools, call.item, Refusal(how, wait_for, "busy", "later")))

    @precondition(lambda self: self._heard())
    @rule(which=ANY, definite=st.booleans())
    def the_answer_is_lost(self, which: int, definite: bool) -> None:
        call = self._one(self._heard(), which)
        call.ghost = True
        if definite:
            self._answered(call)

        async def noted(tools: Any) -> WorkItem | None:
            await transitions.outcome_unknown(
                self.pool, hold(call.item), sub(call.item), code="lost", message="?", definite=definite
            )
            return await tools.reread(call.item)

        self._act(call, noted)

    @precondition(lambda self: self._holding("submitting"))
    @rule(which=ANY)
    def a_worker_recovers(self, which: int) -> None:
        worker, item = self._one(self._holding("submitting"), which)
        self._step(worker, item, lambda tools, fresh, held: recover(tools, fresh, held))

    # The provider's verdict, and the bytes

    @precondition(lambda self: self.book.running())
    @rule(which=ANY, status=VERDICTS, moderated=st.booleans())
    def the_provider_decides(self, which: int, status: RemoteStatus, moderated: bool) -> None:
        self.book.decide(self._one(self.book.running(), which), status, moderated=moderated)

    @precondition(lambda self: self._holding("generating"))
    @rule(which=ANY)
    def a_worker_hears_of_it(self, which: int) -> None:
        worker, item = self._one(self._holding("generating"), which)
        self._step(worker, item, self._look)

    @precondition(lambda self: self._holding("collecting"))
    @rule(which=ANY, how=st.sampled_from(["stored", "later", "lost"]))
    def a_worker_collects(self, which: int, how: str) -> None:
        worker, item = self._one(self._holding("collecting"), which)
        self._step(worker, item, lambda tools, fresh, held: self._collect(tools, fresh, how))

    @rule(steps=st.lists(ANY, min_size=3, max_size=12), status=VERDICTS)
    def all_goes_well_for_a_while(self, steps: list[int], status: RemoteStatus) -> None:
        """Rare things are worth looking at only where something has come of a video."""
        for step in steps:
            self._one(self._ways_forward(step, status), step)()
            self.all_is_well()

    @precondition(lambda self: self.alive)
    @rule(which=ANY, looks=st.booleans())
    def an_answer_comes_after_the_heir(self, which: int, looks: bool) -> None:
        """The sender is taken for dead while the provider answers; its heir may have looked for the video by then."""
        self.claim(which)
        if self._calls(arrived=False):
            self.the_provider_accepts(which)
        if not self._calls(arrived=True):
            return
        late = self._one(self._calls(arrived=True), which)
        if late.worker in self.alive:
            self.a_worker_falls_silent(self.alive.index(late.worker), wakes=True, has_heir=True)
        if looks and self._holding("submitting"):
            self.time_passes(70)
            self.a_worker_recovers(which)
        self.all_is_well()
        self.the_answer_names_the_video(which)

    # People

    @precondition(lambda self: len(self.seen.jobs) < 6)
    @rule(prompt=PROMPTS, number=st.integers(1, 2))
    def accept(self, prompt: str | None, number: int) -> None:
        alike = {"prompt": prompt, "fingerprint": prompt.encode().hex()} if prompt else {}
        for _ in range(number):
            self.run(self.world.job(self.account, id=self._new_id(), **alike))

    @precondition(lambda self: self.seen.jobs)
    @rule(which=ANY, discard=st.booleans())
    def somebody_cancels(self, which: int, discard: bool) -> None:
        self._by_hand(self._one(list(self.seen.jobs), which), self._cancel, discard)

    @precondition(lambda self: self._in("failed"))
    @rule(which=ANY)
    def somebody_retries(self, which: int) -> None:
        self._by_hand(self._one(self._in("failed"), which), self._retry)

    @precondition(lambda self: self._in("needs_review"))
    @rule(which=ANY)
    def an_operator_submits_again(self, which: int) -> None:
        self._by_hand(self._one(self._in("needs_review"), which), self._resubmit, JobState.NEEDS_REVIEW)

    @precondition(lambda self: self._in("needs_review"))
    @rule(which=ANY)
    def an_operator_gives_up(self, which: int) -> None:
        self._by_hand(self._one(self._in("needs_review"), which), self._fail)

    @precondition(lambda self: self._in("needs_review") and self.book.videos)
    @rule(which=ANY, video=ANY)
    def an_operator_adopts(self, which: int, video: int) -> None:
        job_id = self._one(self._in("needs_review"), which)
        self._by_hand(job_id, self._adopt, self._one(list(self.book.videos), video))

    @precondition(lambda self: self._in(*ENDED, "deleting"))
    @rule(which=ANY, whole=st.booleans())
    def somebody_deletes(self, which: int, whole: bool) -> None:
        job_id = self._one(self._in(*ENDED, "deleting"), which)
        self.moved_by_a_person.add(job_id)
        self.run(steering.mark_deleting(self.pool, job_id, (*ENDED, JobState.DELETING)))
        if whole:
            self.run(steering.remove(self.pool, job_id))

    @rule(seconds=AGES)
    def time_passes(self, seconds: int) -> None:
        age = timedelta(seconds=seconds)
        self.clock += age
        self.book.grow_older(age)
        self.run(self.world.ages(age))
        self.run(self.pool.execute(OLDER, age))
        self.run(rescue.expire_queued(self.pool))
        self.run(steering.cancel_requeued(self.pool))

    @invariant()
    def all_is_well(self) -> None:
        if not self.alive and not self.seen.jobs:
            return
        before, self.seen = self.seen, self.run(Truths.read(self.pool))
        self.seen.check(self.book)
        for job_id, old in before.jobs.items():
            now = self.seen.jobs.get(job_id)
            assert old["state"] not in ENDED or now == old or job_id in self.moved_by_a_person, (old, now)
        self.moved_by_a_person.clear()

    def _ways_forward(self, which: int, status: RemoteStatus) -> list[Callable[[], None]]:
        if not self.alive:
            return [self.a_worker_starts]
        ways = {
            partial(self.a_worker_adopts, which): any(job["owner"] not in self.alive for job in self._jobs(*HELD)),
            partial(self.claim, which): self._jobs("queued"),
            partial(self.the_provider_accepts, which): self._calls(arrived=False),
            partial(self.the_answer_names_the_video, which): self._calls(arrived=True),
            partial(self.a_worker_recovers, which): self._holding("submitting"),
            partial(self.the_provider_decides, which, status, moderated=False): self.book.running(),
            partial(self.a_worker_hears_of_it, which): self._holding("generating"),
            partial(self.a_worker_collects, which, "stored"): self._holding("collecting"),
            partial(self.time_passes, 400): True,
        }
        return [way for way, is_open in ways.items() if is_open]

    def _jobs(self, *states: str) -> list[dict[str, Any]]:
        return [job for job in self.seen.jobs.values() if job["state"] in states]
