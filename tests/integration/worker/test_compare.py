"""Rows and coroutines are compared without mistaking what is just being claimed for what nobody runs."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from config.settings import load_settings
from db import claims
from jobqueue.pool import open_redis
from tests.stack.installation import Installation
from worker.process import Process, open_process

_EPOCH = "SELECT epoch FROM reelwork.video_jobs WHERE id = $1"
_LANES = "SELECT DISTINCT lane_id FROM reelwork.video_jobs"


@pytest.fixture
async def process(installation: Installation) -> AsyncIterator[Process]:
    """A worker in this process whose loops do not run: the test takes their steps."""
    settings = load_settings(installation.environment(), role="worker")
    redis = open_redis(installation.redis_url, queue="unheard", max_connections=2, patient=False)
    async with open_process(settings, redis) as opened:
        await opened.heartbeat.register()
        yield opened
        await asyncio.gather(*opened.runner.stop(opened.runner.held()), return_exceptions=True)
        opened.stop.set()
        await opened.heartbeat.run(opened.stop)
    await redis.aclose()


async def _claimed(installation: Installation, process: Process) -> UUID:
    """A row that the database has given to this worker, and that runs nowhere yet."""
    await installation.submit(["a cat"])
    lane_id = await installation.pool.fetchval(_LANES)
    got = await claims.claim(installation.pool, lane_id, process.me.id, 1, process.policies.lanes)
    return got.job_ids[0]


async def test_a_row_that_a_claim_under_way_has_taken_is_left_to_it(
    installation: Installation, process: Process
) -> None:
    with process.runner.taking():
        job_id = await _claimed(installation, process)
        await process.rescuer.compare()
        await process.rescuer.compare()
        await process.rescuer.compare()

    assert await installation.pool.fetchval(_EPOCH, job_id) == 1
    assert process.runner.in_flight == 0


async def test_a_row_of_ours_that_nothing_runs_is_run_again_at_the_second_look(
    installation: Installation, process: Process
) -> None:
    job_id = await _claimed(installation, process)

    await process.rescuer.compare()
    first = await installation.pool.fetchval(_EPOCH, job_id)
    await process.rescuer.compare()
    second = await installation.pool.fetchval(_EPOCH, job_id)

    assert (first, second) == (1, 2)
    assert list(process.runner.held()) == [job_id]
