"""A lane's breaker: open after repeated trouble, one probe over all processes, and nothing left half open."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from db import breaker
from db.breaker import TROUBLES_MOST
from tests.integration.db.world import FREE, Account, World

PROBE = FREE.probe_timeout
PAUSE = timedelta(seconds=15)
REASON = "server_error: The server had an error."


async def troubled(world: World, account: Account, times: int = TROUBLES_MOST) -> None:
    """Submissions that the provider does not deal with."""
    await world.jobs(account, times)
    started = await world.claim(account.lane, limits=FREE)
    for job_id in started.job_ids:
        submission = (await world.item(job_id)).submission_id
        assert submission is not None
        await breaker.failed(world.pool, submission, PROBE, PAUSE, REASON)


async def lane(world: World, account: Account) -> tuple[str, float | None, str | None]:
    """The breaker, how many seconds its state lasts, and why."""
    return tuple(  # type: ignore[return-value]
        await world.pool.fetchrow(
            "SELECT breaker, round(extract(epoch FROM breaker_until - now()))::float, breaker_reason"
            " FROM reelwork.lanes WHERE id = $1",
            account.lane,
        )
    )


async def pass_time(world: World, account: Account) -> None:
    """The breaker's time is over."""
    await world.pool.execute("UPDATE reelwork.lanes SET breaker_until = now() WHERE id = $1", account.lane)


@pytest.fixture
async def account(world: World) -> Account:
    return await world.account(max_in_flight=0, rate_per_minute=0)


async def test_it_opens_after_repeated_trouble_and_nothing_starts(world: World, account: Account) -> None:
    await troubled(world, account, TROUBLES_MOST - 1)
    still_closed = await lane(world, account)
    await troubled(world, account, 1)
    await world.jobs(account, 3)
    got = await world.claim(account.lane, limits=FREE)

    assert still_closed == ("closed", None, None)
    assert await lane(world, account) == ("open", 15, REASON)
    assert got.job_ids == ()


async def test_an_answer_in_between_starts_the_count_anew(world: World, account: Account) -> None:
    await troubled(world, account, TROUBLES_MOST - 1)
    await breaker.answered(world.pool, account.lane)
    await troubled(world, account, TROUBLES_MOST - 1)

    assert (await lane(world, account))[0] == "closed"


async def test_one_probe_goes_through_however_many_ask(world: World, account: Account) -> None:
    await troubled(world, account)
    await world.jobs(account, 20)
    await pass_time(world, account)

    started = await asyncio.gather(*(world.claim(account.lane, limits=FREE) for _ in range(8)))

    assert sum(len(got.job_ids) for got in started) == 1
    assert (await lane(world, account))[:2] == ("half_open", PROBE.total_seconds())


async def test_only_the_probes_own_failure_opens_it_again_and_for_longer(world: World, account: Account) -> None:
    early = await world.submitting(account)
    await troubled(world, account)
    probe = await _probe(world, account)
    late_word = await breaker.failed(world.pool, early.submission_id, PROBE, PAUSE, REASON)  # type: ignore[arg-type]
    after_it = (await lane(world, account))[0]
    own_word = await breaker.failed(world.pool, probe, PROBE, PAUSE, REASON)

    assert (late_word, after_it, own_word) == (False, "half_open", True)
    assert (await lane(world, account))[:2] == ("open", 30)


async def test_an_answer_closes_it(world: World, account: Account) -> None:
    await troubled(world, account)
    await _probe(world, account)
    closed = await breaker.answered(world.pool, account.lane)
    again = await breaker.answered(world.pool, account.lane)
    await world.jobs(account, 3)

    assert (closed, again) == (True, False)
    assert await lane(world, account) == ("closed", None, None)
    assert len((await world.claim(account.lane, limits=FREE)).job_ids) == 3


async def test_a_probe_without_an_outcome_in_time_is_void(world: World, account: Account) -> None:
    await troubled(world, account)
    lost = await _probe(world, account)
    await world.jobs(account, 3)
    meanwhile = await world.claim(account.lane, limits=FREE)
    await world.ages(PROBE + timedelta(seconds=1))
    await pass_time(world, account)
    next_one = await world.claim(account.lane, limits=FREE)
    too_late = await breaker.failed(world.pool, lost, PROBE, PAUSE, REASON)

    assert (len(meanwhile.job_ids), len(next_one.job_ids)) == (0, 1)
    assert (too_late, (await lane(world, account))[0]) == (False, "half_open")


async def test_a_probe_that_never_left_makes_room_for_the_next(world: World, account: Account) -> None:
    await troubled(world, account)
    await breaker.unused(world.pool, await _probe(world, account), PROBE)
    await world.jobs(account, 3)

    assert len((await world.claim(account.lane, limits=FREE)).job_ids) == 1


async def test_a_claim_that_finds_nothing_to_start_takes_no_probe(world: World, account: Account) -> None:
    await troubled(world, account)
    (job_id,) = await world.jobs(account, 1)
    await world.pool.execute("UPDATE reelwork.video_jobs SET expires_at = now() WHERE id = $1", job_id)
    await pass_time(world, account)
    nothing = await world.claim(account.lane, limits=FREE)
    await world.jobs(account, 1)

    assert nothing.job_ids == ()
    assert len((await world.claim(account.lane, limits=FREE)).job_ids) == 1


async def _probe(world: World, account: Account) -> UUID:
    """The breaker's time is over, and one start goes through."""
    await world.jobs(account, 1)
    await pass_time(world, account)
    (job_id,) = (await world.claim(account.lane, limits=FREE)).job_ids
    submission = (await world.item(job_id)).submission_id
    assert submission is not None
    return submission
