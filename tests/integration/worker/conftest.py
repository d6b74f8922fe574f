"""An installation for each test, on engines shared by the pytest process."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from config.settings import load_settings
from db import claims
from db.connection import Database, open_pool
from jobqueue.pool import open_redis
from reelwork.testing import running_simulator
from tests.stack.installation import Installation
from worker.process import Process, open_process


@pytest.fixture
async def installation(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    with running_simulator(lean=True, generation_s=0.5, queue_s=0.1) as simulator:
        async with open_pool(Database(database_url), 4) as pool:
            made = Installation(pool, database_url, redis_url, simulator, tmp_path)
            try:
                yield made
            finally:
                made.stop_all()


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
    await redis.aclose(close_connection_pool=True)


async def claimed(installation: Installation, process: Process) -> UUID:
    """A row that the database has given to this worker, and that runs nowhere yet."""
    (job_id,) = await installation.submit(["a cat"])
    lane_id = await installation.pool.fetchval("SELECT lane_id FROM reelwork.video_jobs WHERE id = $1", job_id)
    await claims.claim(installation.pool, lane_id, process.me.id, 1, process.policies.lanes)
    return job_id
