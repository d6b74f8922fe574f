"""The ledger over every path: one reserve for each attempt, one settle or release for each reserve, sums that hold."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from db import clients, ledger, rescue, steering, transitions
from db.accept import accept
from db.connection import Database, open_pool, transaction
from db.ledger import OverBudget, Reserve
from db.retry import contended
from db.states import JobState, Outcome
from db.tables.accounts import DEFAULT_CLIENT
from db.transitions import Ending, Refusal
from db.work import WorkItem
from tests.integration.db.sessions import locked_job, until_waiting
from tests.integration.db.world import PATIENCE, PRICE, VIDEO, Account, World, hold, new_job, sub

LATER = timedelta(0)


async def store(world: World, item: WorkItem, cost_micros: int = PRICE) -> UUID:
    assert await transitions.stored(world.pool, hold(item), VIDEO, cost_micros)
    return item.id


async def fail(world: World, item: WorkItem, cost_micros: int | None, code: str = "broken") -> UUID:
    ending = Ending(JobState.FAILED, (JobState(item.state),), code, "it failed", cost_micros=cost_micros)
    assert await transitions.end(world.pool, hold(item), ending)
    return item.id


async def claimed_again(world: World, account: Account, job_id: UUID) -> WorkItem:
    assert (await world.claim(account.lane)).job_ids == (job_id,)
    return await world.item(job_id)


async def finished_again(world: World, account: Account, job_id: UUID) -> WorkItem:
    """Take a video that is queued once more to where its result is collected."""
    item = await claimed_again(world, account, job_id)
    assert await world.named(item, f"again_{job_id}")
    assert await transitions.finished(world.pool, hold(item), {"url": "u"})
    return item


async def retried(world: World, job_id: UUID, from_state: JobState) -> None:
    async with transaction(world.pool) as conn:
        assert await steering.retry_submission(conn, job_id, from_state, "retried")


async def completed(world: World, account: Account) -> UUID:
    return await store(world, await world.collecting(account))


async def completed_cheaper(world: World, account: Account) -> UUID:
    return await store(world, await world.collecting(account), PRICE // 4)


async def rejected(world: World, account: Account) -> UUID:
    return await fail(world, await world.submitting(account), None, "moderation")


async def cancelled_in_the_queue(world: World, account: Account) -> UUID:
    job_id = await world.job(account)
    assert await steering.cancel_now(world.pool, job_id, discard=False)
    return job_id


async def expired_in_the_queue(world: World, account: Account) -> UUID:
    job_id = await world.job(account, expires_at=await world.now())
    assert await rescue.expire_queued(world.pool) == 1
    return job_id


async def cancelled_once_the_outcome_was_known(world: World, account: Account) -> UUID:
    item = await world.submitting(account)
    assert await steering.ask_cancel(world.pool, item.id, (JobState.SUBMITTING,), discard=False)
    refusal = Refusal(Outcome.NOT_ACCEPTED, LATER, "busy", "503")
    assert await transitions.requeued(world.pool, hold(item), sub(item), refusal)
    assert await steering.cancel_requeued(world.pool, item.id) == 1
    return item.id


async def failed_free(world: World, account: Account) -> UUID:
    return await fail(world, await world.generating(account), None)


async def failed_at_a_price(world: World, account: Account) -> UUID:
    return await fail(world, await world.generating(account), PRICE)


async def refused_five_times(world: World, account: Account) -> UUID:
    item = await world.submitting(account)
    for _ in range(5):
        refusal = Refusal(Outcome.NOT_ACCEPTED, LATER, "busy", "503")
        assert await transitions.requeued(world.pool, hold(item), sub(item), refusal)
        item = await claimed_again(world, account, item.id)
    assert await world.named(item, "video_at_last")
    assert await transitions.finished(world.pool, hold(item), {"url": "u"})
    return await store(world, item)


async def automatically_retried(world: World, account: Account) -> UUID:
    item = await world.generating(account)
    assert await transitions.again(world.pool, hold(item), wait=LATER, code="broken", message="500")
    return await store(world, await finished_again(world, account, item.id))


async def automatically_retried_twice_and_failed(world: World, account: Account) -> UUID:
    item = await world.generating(account)
    for attempt in (2, 3):
        assert await transitions.again(world.pool, hold(item), wait=LATER, code="broken", message="500")
        item = await claimed_again(world, account, item.id)
        assert await world.named(item, f"attempt_{attempt}")
        item = await world.item(item.id)
    return await fail(world, item, None)


async def timed_out(world: World, account: Account) -> UUID:
    return await fail(world, await world.generating(account), PRICE, "generation_timeout")


async def waited_for_again(world: World, account: Account) -> WorkItem:
    job_id = await timed_out(world, account)
    assert await steering.retry_where_the_money_is(world.pool, job_id, JobState.GENERATING, PATIENCE)
    assert await world.adopted() == [job_id]
    return await world.item(job_id)


async def timed_out_and_waited_for_again(world: World, account: Account) -> UUID:
    item = await waited_for_again(world, account)
    assert await transitions.finished(world.pool, hold(item), {"url": "u"})
    return await store(world, item)


async def timed_out_and_then_failed_free(world: World, account: Account) -> UUID:
    return await fail(world, await waited_for_again(world, account), None)


async def timed_out_and_then_submitted_again(world: World, account: Account) -> UUID:
    item = await waited_for_again(world, account)
    assert await transitions.again(world.pool, hold(item), wait=LATER, code="broken", message="500")
    return await store(world, await finished_again(world, account, item.id))


async def timed_out_and_then_discarded(world: World, account: Account) -> UUID:
    item = await waited_for_again(world, account)
    assert await steering.cancel_now(world.pool, item.id, discard=True)
    return item.id


async def reviewed_and_resubmitted(world: World, account: Account) -> UUID:
    job_id = await world.in_review(account)
    await retried(world, job_id, JobState.NEEDS_REVIEW)
    return await store(world, await finished_again(world, account, job_id))


async def reviewed_and_adopted(world: World, account: Account) -> UUID:
    job_id = await world.in_review(account)
    assert await steering.adopt_provider_id(world.pool, job_id, "found", PATIENCE, "seen in the console")
    assert await world.adopted() == [job_id]
    item = await world.item(job_id)
    assert await transitions.finished(world.pool, hold(item), {"url": "u"})
    return await store(world, item)


async def reviewed_and_failed(world: World, account: Account) -> UUID:
    job_id = await world.in_review(account)
    assert await steering.fail_review(world.pool, job_id, "nobody knows")
    return job_id


async def still_in_review(world: World, account: Account) -> UUID:
    return await world.in_review(account)


async def retried_by_a_person_after_a_price(world: World, account: Account) -> UUID:
    job_id = await failed_at_a_price(world, account)
    await retried(world, job_id, JobState.FAILED)
    return await store(world, await finished_again(world, account, job_id))


async def retried_by_a_person_after_a_refusal(world: World, account: Account) -> UUID:
    job_id = await rejected(world, account)
    await retried(world, job_id, JobState.FAILED)
    return await store(world, await finished_again(world, account, job_id))


async def discarded_while_generating(world: World, account: Account) -> UUID:
    item = await world.generating(account)
    assert await steering.cancel_now(world.pool, item.id, discard=True)
    return item.id


async def discarded_in_review(world: World, account: Account) -> UUID:
    job_id = await world.in_review(account)
    assert await steering.cancel_now(world.pool, job_id, discard=True)
    return job_id


async def removed(world: World, account: Account) -> UUID:
    job_id = await completed(world, account)
    assert await steering.mark_deleting(world.pool, job_id, (JobState.COMPLETED,))
    assert await steering.remove(world.pool, job_id)
    return job_id


R1, R2, R3 = (1, "reserve", PRICE), (2, "reserve", PRICE), (3, "reserve", PRICE)
S1, S2 = (1, "settle", 0), (2, "settle", 0)
C1 = (1, "correct", -PRICE)
F1, F2, F3 = (1, "release", -PRICE), (2, "release", -PRICE), (3, "release", -PRICE)

Path = Callable[[World, Account], Awaitable[UUID]]
PATHS: list[tuple[Path, list[tuple[int, str, int]]]] = [
    (completed, [R1, S1]),
    (completed_cheaper, [R1, (1, "settle", PRICE // 4 - PRICE)]),
    (rejected, [R1, F1]),
    (cancelled_in_the_queue, [R1, F1]),
    (expired_in_the_queue, [R1, F1]),
    (cancelled_once_the_outcome_was_known, [R1, F1]),
    (failed_free, [R1, F1]),
    (failed_at_a_price, [R1, S1]),
    (refused_five_times, [R1, S1]),
    (automatically_retried, [R1, F1, R2, S2]),
    (automatically_retried_twice_and_failed, [R1, F1, R2, F2, R3, F3]),
    (timed_out, [R1, S1]),
    (timed_out_and_waited_for_again, [R1, S1]),
    (timed_out_and_then_failed_free, [R1, S1, C1]),
    (timed_out_and_then_submitted_again, [R1, S1, C1, R2, S2]),
    (timed_out_and_then_discarded, [R1, S1]),
    (reviewed_and_resubmitted, [R1, S1, R2, S2]),
    (reviewed_and_adopted, [R1, S1]),
    (reviewed_and_failed, [R1, S1]),
    (still_in_review, [R1]),
    (retried_by_a_person_after_a_price, [R1, S1, R2, S2]),
    (retried_by_a_person_after_a_refusal, [R1, F1, R2, S2]),
    (discarded_while_generating, [R1, S1]),
    (discarded_in_review, [R1, S1]),
    (removed, [R1, S1]),
]


@pytest.mark.parametrize(("path", "lines"), PATHS, ids=[path.__name__ for path, _ in PATHS])
async def test_every_path_books_each_attempt_once(world: World, path: Path, lines: list[tuple[int, str, int]]) -> None:
    account = await world.account()

    job_id = await path(world, account)

    assert sorted(await world.books(job_id)) == sorted(lines)
    assert await ledger.committed(world.pool, ledger.utc_day()) == sum(delta for _, _, delta in lines)


async def test_two_verdicts_at_once_book_one(world: World, database: Database) -> None:
    item = await world.collecting(await world.account())
    failure = Ending(JobState.FAILED, (JobState.COLLECTING,), "asset_expired", "gone", cost_micros=PRICE)

    async with locked_job(database, item.id):
        verdicts = [
            asyncio.ensure_future(transitions.stored(world.pool, hold(item), VIDEO, PRICE)),
            asyncio.ensure_future(transitions.end(world.pool, hold(item), failure)),
            asyncio.ensure_future(steering.cancel_now(world.pool, item.id, discard=True)),
        ]
        await until_waiting(world.pool, 3)
    taken = await asyncio.gather(*verdicts)

    assert sorted(taken) == [False, False, True]
    assert sorted(await world.books(item.id)) == [R1, S1]
    assert len(await world.told(item.id)) == 5


async def test_a_discard_that_waited_for_a_new_attempt_leaves_its_reserve_to_be_released(
    world: World, database: Database
) -> None:
    item = await world.generating(await world.account())

    async with locked_job(database, item.id):
        again = asyncio.ensure_future(
            transitions.again(world.pool, hold(item), wait=LATER, code="broken", message="500")
        )
        await until_waiting(world.pool, 1)
        discarded = asyncio.ensure_future(steering.cancel_now(world.pool, item.id, discard=True))
        await until_waiting(world.pool, 2)

    assert (await again, await discarded) == (True, False)
    assert await steering.cancel_now(world.pool, item.id, discard=True)
    assert sorted(await world.books(item.id)) == sorted([R1, F1, R2, F2])


async def test_a_budget_holds_exactly_under_fifty_accepts_at_once(world: World, database: Database) -> None:
    owners = [await world.client() for _ in range(10)]
    accounts = [await world.account(owner) for owner in owners]
    budget = 20 * PRICE + PRICE // 2

    async with open_pool(database, 25) as pool:
        crowd = World(pool)

        async def one(account: Account) -> bool:
            try:
                await contended(lambda: crowd.job(account, budget_micros=budget))
            except OverBudget:
                return False
            return True

        taken = await asyncio.gather(*(one(account) for account in accounts * 5))

    assert sum(taken) == 20
    assert await ledger.committed(world.pool, ledger.utc_day()) == 20 * PRICE


async def test_a_storyboard_over_budget_is_refused_whole_and_names_what_is_left(world: World) -> None:
    account = await world.account()
    await world.jobs(account, 2, budget_micros=5 * PRICE)

    with pytest.raises(OverBudget) as refused:
        await world.jobs(account, 4, budget_micros=5 * PRICE)

    assert (refused.value.wanted_micros, refused.value.left_micros) == (4 * PRICE, 3 * PRICE)
    assert refused.value.budget.day == ledger.utc_day()
    assert await world.pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 2


async def test_a_scheduled_video_counts_for_the_day_it_is_due(world: World) -> None:
    account = await world.account()
    tomorrow = await world.now() + timedelta(days=1)
    await world.job(account, budget_micros=PRICE, run_at=tomorrow)

    await world.job(account, budget_micros=PRICE)

    with pytest.raises(OverBudget):
        await world.job(account, budget_micros=PRICE, run_at=tomorrow)


async def test_what_is_released_can_be_spent_again(world: World) -> None:
    account = await world.account()
    job_id = await world.job(account, budget_micros=PRICE)
    assert await steering.cancel_now(world.pool, job_id, discard=False)

    await world.job(account, budget_micros=PRICE)

    assert await ledger.committed(world.pool, ledger.utc_day()) == PRICE


async def test_a_retry_is_refused_over_budget_and_changes_nothing(world: World) -> None:
    job_id = await failed_at_a_price(world, await world.account())

    with pytest.raises(OverBudget):
        async with transaction(world.pool) as conn:
            await steering.retry_submission(conn, job_id, JobState.FAILED, "retried")
            row = await conn.fetchrow("SELECT client_id, lane_id FROM reelwork.video_jobs WHERE id = $1", job_id)
            await ledger.check_budgets(conn, [Reserve(*row, ledger.utc_day(), PRICE)], PRICE)

    assert await world.books(job_id) == [R1, S1]
    assert await world.states([job_id]) == ["failed"]


async def test_no_budget_takes_no_lock(world: World, database: Database) -> None:
    account = await world.account()

    async with transaction(world.pool) as conn:
        await ledger.check_budgets(conn, [Reserve(account.client, account.lane, ledger.utc_day(), PRICE)], 100 * PRICE)
        async with transaction(world.pool) as other:
            await clients.lock(other, DEFAULT_CLIENT)
            await accept(other, [new_job(account)], None)
