"""What was stored for a video that its caller gave up is found, and nothing that anybody still wants."""

from datetime import timedelta
from uuid import UUID

from db import retention, steering, transitions
from tests.integration.db.world import PRICE, VIDEO, World, hold

NOW, A_MINUTE = timedelta(0), timedelta(minutes=1)


async def given_up(world: World) -> UUID:
    """A video that was cancelled while its result was fetched."""
    item = await world.collecting(await world.account())
    assert await steering.cancel_now(world.pool, item.id, discard=True)
    return item.id


async def test_a_video_given_up_while_it_was_fetched_is_found_until_its_files_are_gone(world: World) -> None:
    job_id = await given_up(world)

    found = await retention.discarded(world.pool, NOW, 10)
    too_soon = await retention.discarded(world.pool, A_MINUTE, 10)
    await retention.forget_result(world.pool, job_id)

    assert (found, too_soon) == ([job_id], [])
    assert await retention.discarded(world.pool, NOW, 10) == []


async def test_videos_that_were_never_fetched_or_are_wanted_are_not_found(world: World) -> None:
    account = await world.account()
    queued = await world.job(account)
    assert await steering.cancel_now(world.pool, queued, discard=False)
    kept = await world.collecting(account)
    assert await transitions.stored(world.pool, hold(kept), VIDEO, PRICE)
    await world.collecting(account)

    assert await retention.discarded(world.pool, NOW, 10) == []


async def test_only_a_job_that_is_cancelled_or_gone_wants_no_files(world: World) -> None:
    collecting = await world.collecting(await world.account())

    assert await retention.wants_files(world.pool, collecting.id)
    assert not await retention.wants_files(world.pool, await given_up(world))
    assert not await retention.wants_files(world.pool, UUID(int=1))
