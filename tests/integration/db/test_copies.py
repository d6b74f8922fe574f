"""Providers' copies are removed once ours is stored, but not while they may prove something."""

from datetime import timedelta

from db import copies, steering, transitions
from db.states import ENDED
from db.work import WorkItem
from tests.integration.db.world import PRICE, VIDEO, Account, World, hold


async def stored(world: World, account: Account, *, removes_copy: bool = True) -> WorkItem:
    """A video that has just been stored here."""
    item = await world.collecting(account)
    assert await transitions.stored(world.pool, hold(item), VIDEO, PRICE, removes_copy=removes_copy)
    return item


async def taken(world: World) -> list[str | None]:
    return [copy.provider_job_id for copy in await copies.take(world.pool, 10)]


async def test_a_stored_videos_copy_is_given_to_one_remover(world: World) -> None:
    account = await world.account()
    item = await stored(world, account)

    (copy,) = await copies.take(world.pool, 10)

    assert (copy.id, copy.provider_job_id) == (item.id, item.provider_job_id)
    assert (copy.base_url, copy.result) == (item.base_url, item.result)
    assert not copy.is_hopeless
    assert await taken(world) == []


async def test_a_copy_that_shall_stay_is_nobodys_to_remove(world: World) -> None:
    await stored(world, await world.account(), removes_copy=False)

    assert await taken(world) == []


async def test_a_remover_that_dies_is_followed_by_another(world: World) -> None:
    item = await stored(world, await world.account())
    await taken(world)

    await _passes(world, timedelta(minutes=1))

    assert await taken(world) == [item.provider_job_id]


async def test_a_removed_copy_is_not_asked_for_again(world: World) -> None:
    item = await stored(world, await world.account())
    await taken(world)

    await copies.gone(world.pool, item.id)
    await _passes(world, timedelta(days=1))

    assert await taken(world) == []


async def test_a_copy_that_cannot_be_removed_for_a_week_is_given_up(world: World) -> None:
    await stored(world, await world.account())
    await world.pool.execute("UPDATE reelwork.video_jobs SET completed_at = now() - interval '8 days'")

    (copy,) = await copies.take(world.pool, 10)

    assert copy.is_hopeless


async def test_copies_stay_while_the_outcome_of_a_submission_on_their_lane_is_open(world: World) -> None:
    account, other = await world.account(), await world.account()
    await world.unknown(account)
    kept, free = await stored(world, account), await stored(world, other)

    assert await taken(world) == [free.provider_job_id]
    await world.pool.execute("UPDATE reelwork.submissions SET outcome = 'review' WHERE outcome = 'unknown'")
    assert await taken(world) == [kept.provider_job_id]


async def test_copies_stay_while_a_call_has_had_no_answer_for_some_seconds(world: World) -> None:
    account = await world.account()
    item = await stored(world, account)
    await world.submitting(account)

    await world.ages(timedelta(seconds=6))
    kept = await taken(world)
    await world.ages(timedelta(days=1))

    assert kept == []
    assert await taken(world) == [item.provider_job_id]


async def test_a_deleted_videos_row_stays_until_its_copy_is_gone(world: World) -> None:
    item = await stored(world, await world.account())
    await steering.mark_deleting(world.pool, item.id, ENDED)

    early = await steering.remove(world.pool, item.id)
    (copy,) = await copies.take(world.pool, 10)
    await copies.gone(world.pool, copy.id)

    assert not early
    assert await steering.remove(world.pool, item.id)


async def _passes(world: World, time: timedelta) -> None:
    await world.pool.execute(
        "UPDATE reelwork.video_jobs SET copy_due_at = copy_due_at - $1::interval, completed_at = completed_at - $1",
        time,
    )
