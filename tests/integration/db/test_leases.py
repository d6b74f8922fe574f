"""Leases: who is alive, whose videos are free, and that death is final."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from db import transitions, workers
from db.connection import Database, Pool, open_pool
from db.migrate import migrate
from db.workers import Held, Pulse
from devstack.engines import Engines
from tests.integration.db.sessions import locked_job, session
from tests.integration.db.world import FREE, VIDEO, World, hold

LEASE = timedelta(seconds=4)
PULSE = Pulse(in_flight=3, draining=False, rss_bytes=50_000_000)


@pytest.fixture(autouse=True)
async def a_server_older_than_a_lease(pool: Pool) -> None:
    """Nobody is called dead before the server itself has been there for a whole lease."""
    while not await pool.fetchval("SELECT now() - pg_postmaster_start_time() > $1::interval", LEASE):
        await asyncio.sleep(0.05)


async def silent(world: World, worker: UUID, seconds: float) -> None:
    """Let that many seconds pass since the worker was last heard of."""
    await world.pool.execute(
        "UPDATE reelwork.workers SET beat = now() - make_interval(secs => $2) WHERE id = $1", worker, seconds
    )


async def held_by(world: World, worker: UUID, number: int) -> list[UUID]:
    account = await world.account()
    await world.jobs(account, number)
    return list((await world.claim(account.lane, worker, places=number, limits=FREE)).job_ids)


async def test_a_heartbeat_renews_the_lease_and_tells_how_the_process_is(world: World) -> None:
    worker = await world.worker()
    await silent(world, worker, 2)

    assert await workers.beat(world.pool, worker, PULSE)

    row = await world.pool.fetchrow("SELECT now() - beat AS age, in_flight, rss_bytes FROM reelwork.workers")
    assert row is not None
    assert (row["age"] < timedelta(seconds=2), row["in_flight"], row["rss_bytes"]) == (True, 3, 50_000_000)
    assert await workers.living(world.pool, LEASE) == 1


async def test_a_late_heartbeat_renews_the_lease_if_nobody_has_ended_it(world: World) -> None:
    worker = await world.worker()
    await silent(world, worker, 3600)

    assert await workers.beat(world.pool, worker, PULSE)

    assert await workers.expire(world.pool, LEASE) == []


async def test_a_heartbeat_of_one_that_was_called_dead_is_refused_for_ever(world: World) -> None:
    worker = await world.worker()
    await silent(world, worker, 4.1)

    assert await workers.expire(world.pool, LEASE) == [worker]
    assert not await workers.beat(world.pool, worker, PULSE)
    await silent(world, worker, 0)

    assert not await workers.beat(world.pool, worker, PULSE)
    assert not await workers.beat(world.pool, uuid4(), PULSE)


async def test_only_who_was_silent_for_a_whole_lease_is_dead(world: World) -> None:
    dead, late, gone = [await world.worker() for _ in range(3)]
    await silent(world, dead, 4.1)
    await silent(world, late, 2)
    await workers.leave(world.pool, gone)

    assert await workers.expire(world.pool, LEASE) == [dead]
    assert await workers.expire(world.pool, LEASE) == []
    assert await workers.living(world.pool, LEASE) == 1


async def test_a_new_worker_takes_what_nobody_and_the_dead_hold_and_nothing_else(world: World) -> None:
    dead, living, leaving = [await world.worker() for _ in range(3)]
    of_dead, of_living, of_nobody = [await held_by(world, one, 2) for one in (dead, living, leaving)]
    account = await world.account()
    done = await world.collecting(account, dead)
    await transitions.stored(world.pool, hold(done), VIDEO, 1)
    queued = await world.job(account)
    assert await workers.release(world.pool, leaving, []) == 2
    await silent(world, dead, 60)
    await workers.expire(world.pool, LEASE)
    me = await world.worker()

    adopted = await workers.adopt(world.pool, me, 100)

    assert sorted(adopted) == sorted(of_dead + of_nobody)
    assert {(held.job_id, held.epoch, held.cancel) for held in await workers.owned(world.pool, me)} == {
        (job_id, 2, False) for job_id in adopted
    }
    assert await world.states([queued, done.id, *of_living]) == ["queued", "completed", "submitting", "submitting"]
    assert (await world.told(of_dead[0]))[-1] == "adopted"


async def test_adoption_takes_a_batch_and_goes_on_until_none_is_left(world: World) -> None:
    dead = await world.worker()
    await held_by(world, dead, 5)
    await workers.leave(world.pool, dead)
    me = await world.worker()

    batches = [len(await workers.adopt(world.pool, me, 2)) for _ in range(4)]

    assert batches == [2, 2, 1, 0]


async def test_one_that_was_called_dead_takes_nothing_any_more(world: World) -> None:
    dead, gone = await world.worker(), await world.worker()
    (held,) = await held_by(world, dead, 1)
    await held_by(world, gone, 1)
    await workers.leave(world.pool, gone)
    await workers.leave(world.pool, dead)
    account = await world.account()
    await world.jobs(account, 1)

    assert await workers.adopt(world.pool, dead, 100) == []
    assert await workers.readopt(world.pool, dead, [held]) == []
    assert not (await world.claim(account.lane, dead, limits=FREE)).job_ids


async def test_workers_that_adopt_at_once_share_the_dead_ones_videos(world: World, database: Database) -> None:
    dead = await world.worker()
    jobs = await held_by(world, dead, 200)
    await workers.leave(world.pool, dead)

    async def adopt_all() -> list[UUID]:
        me, mine = await world.worker(), list[UUID]()
        async with session(database) as connection:
            while batch := await workers.adopt(connection, me, 10):
                mine.extend(batch)
        return mine

    shares = await asyncio.gather(*(adopt_all() for _ in range(6)))

    assert sorted(job_id for share in shares for job_id in share) == sorted(jobs)
    epochs = await world.pool.fetch("SELECT DISTINCT epoch FROM reelwork.video_jobs")
    assert [row["epoch"] for row in epochs] == [2]


async def test_adoption_waits_for_no_row_that_somebody_holds(world: World, database: Database) -> None:
    dead = await world.worker()
    first, second = await held_by(world, dead, 2)
    await workers.leave(world.pool, dead)

    async with locked_job(database, first):
        assert await world.adopted() == [second]

    assert await world.adopted() == [first]


async def test_rows_that_run_nowhere_get_a_new_epoch_from_their_own_worker_only(world: World) -> None:
    me, other = await world.worker(), await world.worker()
    (mine,), (theirs,) = await held_by(world, me, 1), await held_by(world, other, 1)

    assert await workers.readopt(world.pool, me, [mine, theirs, uuid4()]) == [mine]

    assert await workers.owned(world.pool, me) == [Held(mine, 2, cancel=False)]
    assert await workers.owned(world.pool, other) == [Held(theirs, 1, cancel=False)]


async def test_release_gives_up_all_but_what_is_kept(world: World) -> None:
    me = await world.worker()
    keep, *rest = await held_by(world, me, 4)

    assert await workers.release(world.pool, me, [keep]) == 3

    assert [held.job_id for held in await workers.owned(world.pool, me)] == [keep]
    assert sorted(await world.adopted()) == sorted(rest)
    assert (await world.told(rest[0]))[-2:] == ["released", "adopted"]


async def test_whose_process_left_in_order_is_free_at_once(world: World) -> None:
    me = await world.worker()
    jobs = await held_by(world, me, 2)

    await workers.leave(world.pool, me)

    assert await workers.living(world.pool, LEASE) == 0
    assert not await workers.beat(world.pool, me, PULSE)
    assert sorted(await world.adopted()) == sorted(jobs)


async def test_rows_of_processes_long_gone_are_dropped_unless_they_hold_something(world: World) -> None:
    holding, idle, recent = [await world.worker() for _ in range(3)]
    await held_by(world, holding, 1)
    for worker in (holding, idle, recent):
        await workers.leave(world.pool, worker)
    await world.pool.execute(
        "UPDATE reelwork.workers SET ended_at = ended_at - interval '2 days' WHERE id = ANY ($1)", [holding, idle]
    )

    await workers.forget(world.pool, timedelta(days=1))

    left = await world.pool.fetch("SELECT id FROM reelwork.workers")
    assert {row["id"] for row in left} == {holding, recent}


@pytest.fixture
async def world_of_its_own(own_engines: Engines) -> AsyncIterator[World]:
    """On a server that may be restarted."""
    await migrate(own_engines.database_url)
    async with open_pool(Database(own_engines.database_url), 2) as opened:
        yield World(opened)


async def test_a_restart_of_the_server_kills_nobody(world_of_its_own: World, own_engines: Engines) -> None:
    world = world_of_its_own
    worker = await world.worker()
    await silent(world, worker, 3600)
    assert own_engines.postgres is not None

    await own_engines.postgres.stop()
    await own_engines.postgres.start()

    async with open_pool(Database(own_engines.database_url), 1) as pool:
        assert await workers.expire(pool, LEASE) == []
        assert await workers.expire(pool, timedelta(0)) == [worker]
