"""The two that are measured side by side: Reelwork, and the naive port."""

import asyncio
import sys
from dataclasses import dataclass, replace
from typing import Protocol

import aiohttp
import asyncpg
from arq import create_pool
from arq.connections import RedisSettings
from redis.asyncio import Redis

from bench.naive import port
from bench.speed.stage import ADMIN_KEY, Stage
from devstack.readiness import wait_until_ready

_CALLERS = 16
_HEALTH_KEY = "arq:queue:health-check"


class Contestant(Protocol):
    """Who takes videos. The statements return: how many are done, how many wait to be submitted, and for each
    video its id at the provider, when it was accepted and when its end was noticed (seconds since the epoch)."""

    @property
    def name(self) -> str: ...
    @property
    def done(self) -> str: ...
    @property
    def waiting(self) -> str: ...
    @property
    def times(self) -> str: ...

    async def start(self, stage: Stage) -> None:
        """Until its worker is ready."""

    async def submit(self, stage: Stage, count: int) -> None:
        """So many more videos; returns when all are accepted."""


@dataclass(frozen=True, slots=True)
class Reelwork:
    """An API process and a worker process."""

    name: str = "reelwork"
    done: str = "SELECT count(*) FROM reelwork.video_jobs WHERE state IN ('completed', 'failed', 'needs_review')"
    waiting: str = "SELECT count(*) FROM reelwork.video_jobs WHERE state IN ('queued', 'submitting')"
    times: str = """
    SELECT j.provider_job_id AS id, extract(epoch FROM j.created_at)::float8 AS accepted,
      extract(epoch FROM e.at)::float8 AS noticed
    FROM reelwork.video_jobs j JOIN reelwork.job_events e ON e.job_id = j.id AND e.type = 'generated'
    WHERE j.state = 'completed'
    """

    async def start(self, stage: Stage) -> None:
        stage.fleet.start(*stage.fleet.apis, *stage.fleet.workers)
        await wait_until_ready(stage.api_url, lambda: None)

    async def submit(self, stage: Stage, count: int) -> None:
        headers = {"authorization": f"Bearer {ADMIN_KEY}"}
        numbers = iter(range(count))
        async with aiohttp.ClientSession(stage.api_url, headers=headers) as session, asyncio.TaskGroup() as group:

            async def create_many() -> None:
                for number in numbers:
                    body = {"storyboardId": "bench", "provider": "sora", "prompt": f"a fox on road {number}"}
                    async with session.post("/api/video/generate", json=body | {"scene": "1", "seconds": 4}) as answer:
                        answer.raise_for_status()

            for _ in range(_CALLERS):
                group.create_task(create_many())


@dataclass(frozen=True, slots=True)
class Naive:
    """A worker process alone, with a slot for each video."""

    name: str = "naive"
    done: str = "SELECT count(*) FROM naive.videos WHERE completed_at IS NOT NULL"
    waiting: str = "SELECT count(*) FROM naive.videos WHERE provider_id IS NULL"
    times: str = """
    SELECT provider_id AS id, extract(epoch FROM created_at)::float8 AS accepted,
      extract(epoch FROM noticed_at)::float8 AS noticed
    FROM naive.videos WHERE completed_at IS NOT NULL
    """

    async def start(self, stage: Stage) -> None:
        conn = await asyncpg.connect(stage.engines.database_url)
        await conn.execute(port.TABLE)
        await conn.close()
        command = [sys.executable, "-m", "bench.naive"]
        for name, value in {
            "redis": stage.engines.redis_url,
            "database": stage.worker_database,
            "provider": stage.simulator.openai_base_url,
            "folder": stage.folder / "videos",
            "slots": stage.scene.videos + 100,
        }.items():
            command += [f"--{name}", str(value)]
        stage.fleet.workers[0] = replace(stage.fleet.workers[0], command=command)
        stage.fleet.start(*stage.fleet.workers)
        async with Redis.from_url(stage.engines.redis_url) as redis:
            while not await redis.exists(_HEALTH_KEY):  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.1)

    async def submit(self, stage: Stage, count: int) -> None:
        conn = await asyncpg.connect(stage.engines.database_url)
        before = await conn.fetchval("SELECT count(*) FROM naive.videos")
        queue = await create_pool(RedisSettings.from_dsn(stage.engines.redis_url))
        for number in range(before, before + count):
            prompt = f"a fox on road {number}"
            await conn.execute("INSERT INTO naive.videos (id, prompt) VALUES ($1, $2)", str(number), prompt)
            await queue.enqueue_job(port.JOB, str(number), prompt)
        await queue.aclose()
        await conn.close()
