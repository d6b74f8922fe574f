"""A label that comes back tells for certain which video a lost submission became."""

import pytest

from db import labels, steering, transitions
from db.labels import Named
from db.retry import UniqueViolation
from db.states import JobState, Outcome
from db.transitions import Refusal
from tests.integration.db.world import PATIENCE, PRICE, World, hold, sub


async def name(world: World, submission: object, provider_id: str = "video_1") -> Named:
    return await labels.named(world.pool, f"rw-{submission}", provider_id, PATIENCE)


async def test_a_lost_submission_goes_on_under_the_id_that_its_label_brought(world: World) -> None:
    item = await world.unknown(await world.account())

    assert await name(world, sub(item)) is Named.NOTED
    assert await name(world, sub(item)) is Named.KNOWN

    assert (await world.item(item.id)).provider_id == "video_1"
    assert await world.named(item, "video_1")
    assert not (await world.submission(sub(item))).inferred
    assert await world.states([item.id]) == ["generating"]


async def test_a_review_is_ended_by_a_label(world: World) -> None:
    job_id = await world.in_review(await world.account())
    submission = (await world.row(job_id)).submission_id

    assert await name(world, submission) is Named.ADOPTED

    row = await world.row(job_id)
    assert (row.state, row.provider_job_id, row.attempts_made) == ("generating", "video_1", 1)
    assert job_id in await world.adopted()
    assert await world.books(job_id) == [(1, "reserve", PRICE)]


async def test_a_prefix_that_is_watched_gives_way_to_the_id(world: World) -> None:
    item = await world.unknown(await world.account())
    assert await transitions.watch_output(world.pool, hold(item), await world.now() + PATIENCE)

    assert await name(world, sub(item)) is Named.NOTED
    assert await world.named(await world.item(item.id), "video_1")

    assert (await world.row(item.id)).provider_job_id == "video_1"


async def test_a_video_that_its_job_went_on_without_is_booked(world: World) -> None:
    item = await world.unknown(await world.account())
    absent = Refusal(Outcome.ABSENT, PATIENCE, "not_accepted", "?")
    assert await transitions.requeued(world.pool, hold(item), sub(item), absent)

    assert await name(world, sub(item)) is Named.UNUSED
    assert await name(world, sub(item)) is Named.KNOWN

    assert await world.books(item.id) == [(1, "reserve", PRICE), (1, "correct", PRICE)]
    assert (await world.told(item.id))[-1] == "paid_unused"


async def test_a_video_whose_attempt_was_settled_as_spent_is_not_booked_twice(world: World) -> None:
    job_id = await world.in_review(await world.account())
    submission = (await world.row(job_id)).submission_id
    assert await steering.fail_review(world.pool, job_id, "too old")

    assert await name(world, submission) is Named.UNUSED

    assert await world.states([job_id]) == [JobState.FAILED]
    assert sum(delta for _, _, delta in await world.books(job_id)) == PRICE


async def test_an_id_of_another_row_is_refused(world: World) -> None:
    account = await world.account()
    assert await world.named(await world.submitting(account), "video_1")
    item = await world.unknown(account)

    with pytest.raises(UniqueViolation):
        await name(world, sub(item))


async def test_a_label_that_nobody_knows_changes_nothing(world: World) -> None:
    assert await name(world, "nobody") is Named.KNOWN
