"""The owner's steps: fenced by the epoch, idempotent, each one line of the timeline; facts are kept all the same."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from db import transitions
from db.retry import UniqueViolation
from db.states import JobState, Outcome
from db.transitions import Ending, Refusal
from db.work import WorkItem
from tests.integration.db.world import PATIENCE, PRICE, VIDEO, World, hold, sub

SOON = timedelta(seconds=5)
REFUSED = Refusal(Outcome.NOT_ACCEPTED, SOON, "rate_limited", "too many requests")
ABSENT = Refusal(Outcome.ABSENT, SOON, "not_accepted", "the listing proves it")


@dataclass(frozen=True)
class Step:
    """One of the owner's steps: from which state, how it is taken, where it leads, what the timeline calls it."""

    origin: str
    take: Callable[[World, WorkItem], Awaitable[Any]]
    state: str
    told: str


async def accepted(world: World, item: WorkItem) -> bool:
    return await world.named(item, "video_1")


async def watch_output(world: World, item: WorkItem) -> bool:
    return await transitions.watch_output(world.pool, hold(item), await world.now() + PATIENCE)


async def refused(world: World, item: WorkItem) -> bool:
    return await transitions.requeued(world.pool, hold(item), sub(item), REFUSED)


async def proven_absent(world: World, item: WorkItem) -> bool:
    return await transitions.requeued(world.pool, hold(item), sub(item), ABSENT)


async def outcome_unknown(world: World, item: WorkItem) -> bool:
    return await transitions.outcome_unknown(world.pool, hold(item), sub(item), code="timeout", message="?")


async def review(world: World, item: WorkItem) -> bool:
    states = (JobState.SUBMITTING, JobState.GENERATING)
    return await transitions.review(world.pool, hold(item), from_states=states, code="outcome_unknown", message="?")


async def finished(world: World, item: WorkItem) -> bool:
    return await transitions.finished(world.pool, hold(item), {"url": "u"})


async def again(world: World, item: WorkItem) -> bool:
    return await transitions.again(world.pool, hold(item), wait=SOON, code="broken", message="500")


async def collect_later(world: World, item: WorkItem) -> bool:
    return await transitions.collect_later(world.pool, hold(item), wait=SOON, code="storage", message="full")


async def stored(world: World, item: WorkItem) -> bool:
    return await transitions.stored(world.pool, hold(item), VIDEO, PRICE)


async def rejected(world: World, item: WorkItem) -> bool:
    states = (JobState.SUBMITTING,)
    ending = Ending(JobState.FAILED, states, "moderation", "not allowed", outcome=Outcome.REJECTED)
    return await transitions.end(world.pool, hold(item), ending)


async def failed(world: World, item: WorkItem) -> bool:
    states = (JobState.GENERATING, JobState.COLLECTING)
    return await transitions.end(world.pool, hold(item), Ending(JobState.FAILED, states, "broken", cost_micros=PRICE))


async def cancelled(world: World, item: WorkItem) -> bool:
    states = (JobState.GENERATING,)
    return await transitions.end(world.pool, hold(item), Ending(JobState.CANCELLED, states))


STEPS = [
    Step("submitting", accepted, "generating", "submitted"),
    Step("submitting", watch_output, "generating", "watching_output"),
    Step("submitting", refused, "queued", "not_accepted"),
    Step("submitting", proven_absent, "queued", "absent"),
    Step("submitting", outcome_unknown, "submitting", "outcome_unknown"),
    Step("submitting", review, "needs_review", "review"),
    Step("submitting", rejected, "failed", "failed"),
    Step("generating", finished, "collecting", "generated"),
    Step("generating", again, "queued", "attempt_failed"),
    Step("generating", failed, "failed", "failed"),
    Step("generating", cancelled, "cancelled", "cancelled"),
    Step("generating", review, "needs_review", "review"),
    Step("collecting", collect_later, "collecting", "collect_failed"),
    Step("collecting", stored, "completed", "completed"),
    Step("collecting", again, "queued", "attempt_failed"),
    Step("collecting", failed, "failed", "failed"),
]


def named(step: Step) -> str:
    return f"{step.origin}-{step.take.__name__}"


each_step = pytest.mark.parametrize("step", STEPS, ids=named)


@each_step
async def test_a_step_moves_the_row_and_tells_it_in_one_line(world: World, step: Step) -> None:
    item = await getattr(world, step.origin)(await world.account())
    before = await world.told(item.id)

    assert await step.take(world, item)

    row = await world.row(item.id)
    assert row.state == step.state
    assert (row.owner is None) == (step.state in ("queued", "needs_review", "completed", "failed", "cancelled"))
    assert await world.told(item.id) == [*before, step.told]


@each_step
async def test_a_stale_owner_moves_nothing_and_tells_nothing(world: World, step: Step) -> None:
    item = await getattr(world, step.origin)(await world.account())
    stale = replace(item, epoch=item.epoch - 1)
    before = await world.row(item.id), await world.told(item.id), await world.books(item.id)

    taken = await step.take(world, stale)

    if step.take is outcome_unknown:  # a fact about the call, told on the timeline for whoever owns the job now
        before[1].append("outcome_unknown")
    assert not taken
    assert (await world.row(item.id), await world.told(item.id), await world.books(item.id)) == before


@pytest.mark.parametrize("step", [step for step in STEPS if step.state != step.origin], ids=named)
async def test_a_step_whose_commit_was_not_heard_of_is_not_taken_twice(world: World, step: Step) -> None:
    item = await getattr(world, step.origin)(await world.account())
    assert await step.take(world, item)
    before = await world.row(item.id), await world.told(item.id), await world.books(item.id)

    assert not await step.take(world, item)

    assert (await world.row(item.id), await world.told(item.id), await world.books(item.id)) == before


async def taken_over(world: World, item: WorkItem) -> WorkItem:
    """The video's owner is dead, another worker has it now."""
    await world.pool.execute("UPDATE reelwork.workers SET ended_at = now() WHERE id = $1", item.sender)
    assert item.id in await world.adopted()
    return await world.item(item.id)


async def test_an_id_that_came_after_the_take_over_is_kept_with_its_submission(world: World) -> None:
    item = await world.submitting(await world.account())
    new = await taken_over(world, item)

    assert not await world.named(item, "video_late")

    now = await world.item(item.id)
    assert (now.state, now.provider_id, now.outcome, now.epoch) == ("submitting", "video_late", "accepted", new.epoch)
    assert await world.named(now, "video_late", inferred=True)
    submission = await world.submission(sub(item))
    assert not submission.inferred, "what the call itself answered stays definite"


async def test_an_id_that_came_after_the_outcome_was_called_unknown_is_kept(world: World) -> None:
    item = await world.submitting(await world.account())
    new = await taken_over(world, item)
    assert await outcome_unknown(world, new)

    assert not await world.named(item, "video_late")

    submission = await world.submission(sub(item))
    assert (submission.provider_id, submission.outcome) == ("video_late", "accepted")


@pytest.mark.parametrize("called_unknown", [False, True])
@pytest.mark.parametrize(("step", "outcome"), [(refused, "not_accepted"), (rejected, "rejected")])
async def test_a_refusal_that_came_after_the_take_over_is_kept_with_its_submission(
    world: World, step: Callable[[World, WorkItem], Awaitable[bool]], outcome: str, called_unknown: bool
) -> None:
    item = await world.submitting(await world.account())
    new = await taken_over(world, item)
    if called_unknown:
        assert await outcome_unknown(world, new)

    assert not await step(world, item)

    now = await world.item(item.id)
    assert (now.state, now.outcome, now.epoch) == ("submitting", outcome, new.epoch)
    assert now.answer_code in ("rate_limited", "moderation")
    assert (await world.submission(sub(item))).ended_at is not None


async def test_a_conclusion_of_a_former_owner_is_not_taken_for_a_fact(world: World) -> None:
    item = await world.unknown(await world.account())
    await taken_over(world, item)

    assert not await proven_absent(world, item)

    assert (await world.submission(sub(item))).outcome == "unknown"


async def test_a_refusal_does_not_undo_what_was_accepted(world: World) -> None:
    item = await world.generating(await world.account())
    await taken_over(world, item)

    assert not await refused(world, item)
    assert not await rejected(world, item)

    assert (await world.submission(sub(item))).outcome == "accepted"


async def test_one_provider_id_belongs_to_one_row(world: World) -> None:
    account = await world.account()
    first, second = await world.submitting(account), await world.submitting(account)
    assert await world.named(first, "video_1")

    with pytest.raises(UniqueViolation):
        await world.named(second, "video_1")

    assert await world.states([second.id]) == ["submitting"]


async def test_two_accounts_may_have_the_same_id(world: World) -> None:
    first = await world.submitting(await world.account())
    second = await world.submitting(await world.account())

    assert await world.named(first, "video_1") and await world.named(second, "video_1")


async def test_what_was_not_sent_gives_its_start_back_and_uses_no_attempt(world: World) -> None:
    item = await world.submitting(await world.account())
    not_sent = Refusal(Outcome.NOT_SENT, timedelta(0), "started_late", "late", counts=False)

    assert await transitions.requeued(world.pool, hold(item), sub(item), not_sent)

    row, submission = await world.row(item.id), await world.submission(sub(item))
    assert (row.attempt, row.attempts_made, row.refusals) == (1, 0, 0)
    assert (submission.counted, submission.outcome) == (False, "not_sent")


async def test_a_refusal_waits_as_told_and_keeps_the_place_in_the_fair_order(world: World) -> None:
    item = await world.submitting(await world.account())
    tag = (await world.row(item.id)).tag

    assert await refused(world, item)

    row = await world.row(item.id)
    assert row.due_at is not None
    assert (row.due_at - row.updated_at, row.tag, row.refusals, row.attempt) == (SOON, tag, 1, 1)
    assert (row.submission_id, row.error_code) == (None, "rate_limited")


async def test_a_failed_attempt_counts_and_the_next_one_starts_from_nothing(world: World) -> None:
    item = await world.collecting(await world.account())

    assert await again(world, item)

    row = await world.row(item.id)
    assert (row.attempt, row.attempts_made) == (2, 1)
    assert (row.provider_job_id, row.result, row.progress, row.submission_id) == (None, None, None, None)


async def test_progress_is_written_for_those_that_still_generate_and_told_every_ten_percent(world: World) -> None:
    account = await world.account()
    going, stale, done = [await world.generating(account) for _ in range(3)]
    assert await finished(world, done)

    for percent in (5, 9, 12, 14, 47):
        seen = [(going.id, going.epoch, percent), (stale.id, stale.epoch - 1, percent), (done.id, done.epoch, percent)]
        await transitions.progress(world.pool, seen)

    assert [(await world.row(item.id)).progress for item in (going, stale, done)] == [47, None, 100]
    assert (await world.told(going.id)).count("progress") == 2
    assert "progress" not in await world.told(stale.id) + await world.told(done.id)


async def test_a_result_and_a_missed_poll_are_written_by_the_owner_alone(world: World) -> None:
    item = await world.generating(await world.account())
    assert await transitions.poll_missed(world.pool, hold(item)) == 1
    assert await transitions.poll_missed(world.pool, replace(hold(item), epoch=0)) is None
    assert await finished(world, item)

    assert not await transitions.result_renewed(world.pool, replace(hold(item), epoch=0), {"url": "stolen"})
    assert await transitions.result_renewed(world.pool, hold(item), {"url": "fresh"})

    row = await world.row(item.id)
    assert (row.result, row.poll_misses) == ({"url": "fresh"}, 0)


async def test_a_note_is_told_under_the_owners_epoch_only(world: World) -> None:
    item = await world.generating(await world.account())

    await transitions.note(world.pool, hold(item), "cancel_refused", {"reason": "it cannot stop"})
    await transitions.note(world.pool, replace(hold(item), epoch=0), "nonsense", {})

    assert (await world.told(item.id))[-1] == "cancel_refused"
