"""Many processes claim at once: together they start what one of them might, each video once."""

import asyncio
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID

import pytest

from db import claims, transitions
from db.connection import Database
from db.retry import CONTENDED
from tests.integration.db.sessions import locked_lane, session, until_waiting
from tests.integration.db.world import FREE, LIMITS, Account, World, hold

CLAIMERS = 8


@dataclass
class Provider:
    """Knows how many videos it is making, and how many at most it ever was."""

    at_once: int = 0
    most: int = 0
    made: list[UUID] = field(default_factory=list)

    async def make(self, world: World, job_ids: tuple[UUID, ...]) -> None:
        self.at_once += len(job_ids)
        self.most = max(self.most, self.at_once)
        for job_id in job_ids:
            item = await world.item(job_id)
            assert await world.named(item, f"video_{job_id}")
            self.at_once -= 1
            assert await transitions.finished(world.pool, hold(item), {"url": "u"})
            self.made.append(job_id)


async def claim_and_make(world: World, database: Database, account: Account, provider: Provider, goal: int) -> None:
    """One process: claims on a connection of its own until all of them together have made `goal` videos."""
    worker = await world.worker()
    limits = replace(LIMITS, rate_per_minute=20, max_in_flight=5)
    async with session(database) as connection:
        while len(provider.made) < goal:
            got = await claims.claim(connection, account.lane, worker, 100, limits)
            await provider.make(world, got.job_ids)


async def test_eight_claimers_never_pass_rate_or_cap_and_lose_nothing(world: World, database: Database) -> None:
    account, provider = await world.account(), Provider()
    jobs = await world.jobs(account, 30)

    for goal in (20, 30):
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            for _ in range(CLAIMERS):
                group.create_task(claim_and_make(world, database, account, provider, goal))
        assert len(provider.made) == goal
        assert (await world.claim(account.lane, limits=replace(LIMITS, rate_per_minute=20))).job_ids == ()
        await world.ages(timedelta(seconds=62))

    assert provider.most <= 5
    assert sorted(provider.made) == sorted(jobs)
    assert await world.pool.fetchval("SELECT count(*) FROM reelwork.submissions") == 30


async def test_eight_claimers_of_one_place_each_take_turns_without_starving(world: World, database: Database) -> None:
    account = await world.account()
    jobs = await world.jobs(account, 80)
    taken: list[UUID] = []
    empty_handed = 0

    async def claimer() -> None:
        nonlocal empty_handed
        worker = await world.worker()
        async with session(database) as connection:
            while len(taken) < len(jobs):
                got = await claims.claim(connection, account.lane, worker, 1, FREE)
                taken.extend(got.job_ids)
                empty_handed += got.more and not got.job_ids

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        for _ in range(CLAIMERS):
            group.create_task(claimer())

    assert sorted(taken) == sorted(jobs)
    assert empty_handed == 0


async def test_a_claim_that_counted_before_another_committed_counts_again(world: World, database: Database) -> None:
    account = await world.account(max_in_flight=1)
    await world.jobs(account, 2)

    async with locked_lane(database, account.lane):
        both = [asyncio.ensure_future(world.claim(account.lane)) for _ in range(2)]
        await until_waiting(world.pool, 2)
    got = await asyncio.gather(*both)

    assert sorted(len(one.job_ids) for one in got) == [0, 1]


async def test_a_pause_that_came_while_a_claim_waited_is_obeyed(world: World, database: Database) -> None:
    account = await world.account()
    await world.job(account)

    async with locked_lane(database, account.lane) as other:
        claim = asyncio.ensure_future(world.claim(account.lane))
        await until_waiting(world.pool, 1)
        await other.execute("UPDATE reelwork.lanes SET paused = true WHERE id = $1", account.lane)
        await other.execute("COMMIT")

    assert await claim == claims.Claim()


async def test_a_429_that_came_while_a_claim_waited_is_obeyed(world: World, database: Database) -> None:
    account = await world.account()
    await world.job(account)

    async with locked_lane(database, account.lane) as other:
        claim = asyncio.ensure_future(world.claim(account.lane))
        await until_waiting(world.pool, 1)
        await other.execute(
            "UPDATE reelwork.lanes SET blocked_until = now() + interval '1 minute' WHERE id = $1", account.lane
        )
        await other.execute("COMMIT")

    assert await claim == claims.Claim()


async def test_a_frozen_process_that_holds_a_lane_delays_others_by_a_second_and_breaks_nothing(
    world: World, database: Database
) -> None:
    frozen, other = await world.account(), await world.account()
    held_back = await world.job(frozen)
    elsewhere = await world.job(other)

    async with locked_lane(database, frozen.lane):
        asked_at = time.monotonic()
        with pytest.raises(CONTENDED):
            await world.claim(frozen.lane)
        took_s = time.monotonic() - asked_at
        assert (await world.claim(other.lane)).job_ids == (elsewhere,)

    assert 0.9 < took_s < 2
    assert await world.states([held_back]) == ["queued"]
    assert (await world.claim(frozen.lane)).job_ids == (held_back,)


async def test_a_video_that_another_session_holds_is_passed_over(world: World, database: Database) -> None:
    account = await world.account()
    first, second = await world.jobs(account, 2)

    async with session(database) as other, other.transaction():
        await other.execute("SELECT 1 FROM reelwork.video_jobs WHERE id = $1 FOR UPDATE", first)
        got = await world.claim(account.lane)

    assert got.job_ids == (second,)
