"""Fair between clients: how many videos of others start before a newcomer's, counted on the real statements."""

import asyncio
from datetime import timedelta
from uuid import UUID

from db import claims, steering, transitions
from db.connection import Database, transaction
from db.fairness import next_tags
from db.states import Outcome
from db.transitions import Refusal
from tests.integration.db.sessions import session
from tests.integration.db.world import FREE, Account, World, hold, sub

MANY = 600
SCHEDULED = 1_500
REFUSED_FOR_LONG = Refusal(Outcome.NOT_ACCEPTED, timedelta(minutes=5), "busy", "503")


async def start(world: World, lane: UUID, number: int) -> list[UUID]:
    """Start that many videos one after another; whose they are, in that order."""
    worker = await world.worker()
    started: list[UUID] = []
    for _ in range(number):
        started.extend((await world.claim(lane, worker, places=1, limits=FREE)).job_ids)
    owners = await world.pool.fetch("SELECT id, client_id FROM reelwork.video_jobs WHERE id = ANY ($1)", started)
    client_of = {row["id"]: row["client_id"] for row in owners}
    return [client_of[job_id] for job_id in started]


async def skip(world: World, lane: UUID, number: int) -> None:
    """Start that many videos at once, for nobody to look at."""
    assert len((await world.claim(lane, places=number, limits=FREE)).job_ids) == number


async def places_waited(world: World, account: Account, most: int = 30) -> int:
    """How many start before the first video of this client."""
    return (await start(world, account.lane, most)).index(account.client)


async def crowd(world: World, number: int = MANY) -> tuple[Account, Account]:
    """A client with very many videos queued, and a newcomer on the same lane."""
    big = await world.account(await world.client())
    await world.jobs(big, number)
    return big, await world.account(await world.client(), big.lane)


async def test_a_newcomer_waits_two_places_at_most_behind_three_thousand(world: World) -> None:
    big, newcomer = await crowd(world, 3_000)
    await skip(world, big.lane, 1_000)
    await world.job(newcomer)

    assert await places_waited(world, newcomer) <= 2


async def test_two_clients_take_turns_from_where_the_second_came(world: World) -> None:
    big, second = await crowd(world)
    await skip(world, big.lane, 200)
    await world.jobs(second, 40)

    started = await start(world, big.lane, 40)

    assert 19 <= started.count(second.client) <= 21


async def test_twice_the_weight_is_twice_the_starts(world: World) -> None:
    big, _ = await crowd(world, 300)
    heavy = await world.account(await world.client(weight=2.0), big.lane)
    await world.jobs(heavy, 100)

    started = await start(world, big.lane, 60)

    assert 39 <= started.count(heavy.client) <= 41


async def test_twenty_single_clients_stand_together_behind_a_crowd(world: World) -> None:
    big, _ = await crowd(world)
    await skip(world, big.lane, 200)
    singles = [await world.account(await world.client(), big.lane) for _ in range(20)]
    for single in singles:
        await world.job(single)

    started = await start(world, big.lane, 25)

    assert all(started.index(single.client) <= 21 for single in singles)
    assert started.count(big.client) >= 2


async def test_who_cancelled_very_many_waits_no_longer_than_a_newcomer(world: World) -> None:
    big, other = await crowd(world)
    await world.jobs(other, MANY)
    await skip(world, big.lane, 400)
    await world.pool.execute(
        "UPDATE reelwork.video_jobs SET state = 'cancelled' WHERE client_id = $1 AND state = 'queued'", big.client
    )
    await world.job(big)

    assert await places_waited(world, big) <= 2


async def test_videos_scheduled_for_tomorrow_hold_nobody_back_today(world: World) -> None:
    big, newcomer = await crowd(world, 100)
    tomorrow = await world.now() + timedelta(days=1)
    await world.jobs(big, MANY, run_at=tomorrow)
    await skip(world, big.lane, 50)
    await world.job(newcomer)

    assert await places_waited(world, newcomer) <= 2


async def test_videos_that_become_due_at_once_stand_behind_each_other(world: World) -> None:
    big, newcomer = await crowd(world, 1)
    await world.jobs(big, SCHEDULED, run_at=await world.now() + timedelta(hours=1))
    await world.ages(timedelta(hours=2))
    while await claims.tag_due(world.pool):
        pass
    await skip(world, big.lane, 200)
    await world.job(newcomer)

    assert await places_waited(world, newcomer) <= 2


async def test_several_workers_that_place_due_videos_at_once_give_no_place_twice(
    world: World, database: Database
) -> None:
    big, _ = await crowd(world, 1)
    await world.jobs(big, SCHEDULED, run_at=await world.now() + timedelta(hours=1))
    await world.ages(timedelta(hours=2))

    async def place_all() -> None:
        async with session(database) as connection:
            while await connection.fetchval("SELECT EXISTS (SELECT 1 FROM reelwork.video_jobs WHERE tag IS NULL)"):
                await claims.tag_due(connection)

    async with asyncio.timeout(30):
        await asyncio.gather(*(place_all() for _ in range(4)))

    assert await world.pool.fetchval("SELECT count(DISTINCT tag) FROM reelwork.video_jobs") == SCHEDULED + 1


async def test_due_videos_get_their_places_in_the_order_in_which_they_became_due(world: World) -> None:
    account = await world.account()
    now = await world.now()
    jobs = [await world.job(account, run_at=now + timedelta(hours=hours)) for hours in (3, 1, 2)]
    await world.ages(timedelta(hours=4))

    assert await claims.tag_due(world.pool) == 3

    third, first, second = [(await world.row(job_id)).tag for job_id in jobs]
    assert (first, second, third) == (1, 2, 3)


async def test_a_change_of_priority_stands_at_the_end_of_the_clients_own_there(world: World) -> None:
    big, other = await crowd(world, 50)
    moved = await world.jobs(other, 300)
    await world.jobs(other, 1, priority=1)
    newcomer = await world.account(await world.client(), big.lane)
    for job_id in moved[:100]:
        async with transaction(world.pool) as conn:
            assert await steering.reprioritise(conn, job_id, 1)
    await world.job(newcomer, priority=1)

    assert await places_waited(world, newcomer) <= 2


async def test_a_scheduled_video_gets_no_place_by_a_change_of_priority(world: World) -> None:
    account = await world.account()
    job_id = await world.job(account, run_at=await world.now() + timedelta(hours=1))

    async with transaction(world.pool) as conn:
        assert await steering.reprioritise(conn, job_id, 0)

    row = await world.row(job_id)
    assert (row.priority, row.tag) == (0, None)


async def test_one_refused_video_that_waits_long_opens_no_way_past_the_others(world: World) -> None:
    big, newcomer = await crowd(world)
    (first,) = (await world.claim(big.lane, places=1, limits=FREE)).job_ids
    item = await world.item(first)
    assert await transitions.requeued(world.pool, hold(item), sub(item), REFUSED_FOR_LONG)
    await skip(world, big.lane, 200)

    await world.jobs(newcomer, 100)

    started = await start(world, big.lane, 40)
    assert 19 <= started.count(newcomer.client) <= 21


async def test_a_refused_video_is_the_next_when_its_wait_is_over(world: World) -> None:
    big, newcomer = await crowd(world, 200)
    (first,) = (await world.claim(big.lane, places=1, limits=FREE)).job_ids
    item = await world.item(first)
    assert await transitions.requeued(world.pool, hold(item), sub(item), REFUSED_FOR_LONG)
    await skip(world, big.lane, 100)
    await world.jobs(newcomer, 10)
    await world.ages(timedelta(minutes=6))

    assert (await world.claim(big.lane, places=1, limits=FREE)).job_ids == (first,)


async def test_an_idle_lane_remembers_where_it_stood(world: World) -> None:
    big, newcomer = await crowd(world, 10)
    await skip(world, big.lane, 10)

    own = await next_tags(world.pool, big.lane, big.client, 2, 2)
    others = await next_tags(world.pool, big.lane, newcomer.client, 2, 1)

    assert (own, others) == ([11, 12], [11])
