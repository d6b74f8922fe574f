"""Redis away: nothing is refused. Postgres away: a clear answer, and everything goes on by itself afterwards."""

import asyncio
import time
from collections.abc import Awaitable

import httpx

from db.connection import Database, open_pool
from db.migrate import migrate
from devstack.engines import Engines
from tests.integration.app.conftest import OpenApi
from tests.stack.link import linked

BODY = {"storyboardId": "s", "provider": "sora", "scene": "x"}


async def test_a_create_is_accepted_in_a_second_while_redis_is_away(own_engines: Engines, open_api: OpenApi) -> None:
    url = await migrated(own_engines)
    async with open_api(DATABASE_URL=url, REDIS_URL=own_engines.redis_url) as api:
        await api.generate()
        await own_engines.valkey.kill()
        killed = await timed(api.client.post("/api/video/generate", json=BODY))
        await own_engines.valkey.start()
        await own_engines.valkey.pause()
        frozen = await timed(api.client.post("/api/video/generate", json=BODY))
        await own_engines.valkey.resume()
        async with open_pool(Database(url), 1) as pool:
            count = await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs WHERE state = 'queued'")

    assert killed < 1 > frozen
    assert count == 3


async def test_while_postgres_is_away_the_answer_is_503_and_then_all_is_well_again(
    own_engines: Engines, open_api: OpenApi
) -> None:
    url = await migrated(own_engines)
    async with open_api(DATABASE_URL=url, REDIS_URL=own_engines.redis_url) as api:
        job_id = (await api.generate())["jobId"]
        await own_engines.postgres.kill()
        away = [
            await api.client.post("/api/video/generate", json=BODY),
            await api.client.get(f"/api/video/{job_id}"),
            await api.client.post(f"/api/video/{job_id}/cancel"),
            await api.client.get("/api/admin/queue"),
        ]
        await own_engines.postgres.start()
        back = await api.job(job_id)
        await api.generate()

    assert {answer.status_code for answer in away} == {503}
    assert all("retry-after" in answer.headers for answer in away)
    assert {answer.json()["code"] for answer in away} == {"unavailable"}
    assert back["status"] == "queued"


async def migrated(engines: Engines) -> str:
    """The engines' database with our schema."""
    await migrate(engines.database_url)
    return engines.database_url


async def timed(request: Awaitable[httpx.Response]) -> float:
    """Seconds that a create took; it must have been accepted."""
    started = time.monotonic()
    response = await request
    assert response.status_code == 202, response.text
    return time.monotonic() - started


async def test_a_postgres_that_says_nothing_is_not_waited_for_to_the_end_of_a_request(
    database_url: str, open_api: OpenApi
) -> None:
    async with linked(database_url) as link, open_api(DATABASE_URL=link.url) as api:
        await api.generate()
        link.silence()
        ready, health, create = await asyncio.gather(
            api.client.get("/readyz"),
            api.client.get("/api/health/worker"),
            api.client.post("/api/video/generate", json=BODY),
        )
        await link.mend()
        await api.generate()

    assert {ready.status_code, health.status_code, create.status_code} == {503}
    assert create.json()["code"] == "unavailable"
    assert "retry-after" in create.headers
