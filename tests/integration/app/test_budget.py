"""What a day may cost holds under simultaneous creates, and a refusal says what is left."""

import asyncio

from db.connection import Pool
from tests.integration.app.conftest import Api, OpenApi
from tests.integration.app.rows import committed, move


async def test_a_create_over_the_days_budget_is_refused_with_what_is_left(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(BUDGET_USD_PER_DAY="1.00") as api:
        await api.generate(seconds=8)
        problem = await api.generate(402, seconds=4)

    assert problem["code"] == "over_budget"
    assert problem["remainingUsd"] == 0.2
    assert problem["costEstimateUsd"] == 0.4
    assert await committed(pool) == 800_000


async def test_a_scheduled_video_is_reserved_on_the_day_it_is_due(open_api: OpenApi) -> None:
    async with open_api(BUDGET_USD_PER_DAY="1.00") as api:
        await api.generate(seconds=8)
        await api.generate(seconds=8, runAt="2099-01-01T12:00:00Z")
        await api.generate(402, seconds=8, runAt="2099-01-01T13:00:00+00:00")


async def test_a_budget_for_ten_videos_takes_ten_of_forty_simultaneous_creates(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(BUDGET_USD_PER_DAY="8.00") as one, open_api(BUDGET_USD_PER_DAY="8.00") as two:
        answers = await asyncio.gather(*(create(api) for api in (one, two) for _ in range(20)))

    assert sorted(answers) == [202] * 10 + [402] * 30
    assert await committed(pool) == 8_000_000


async def test_a_paid_retry_over_budget_is_refused_and_leaves_the_video_failed(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(BUDGET_USD_PER_DAY="1.00") as api:
        job_id = (await api.generate(seconds=8))["jobId"]
        await move(pool, job_id, "failed", error_code="generation_failed")
        response = await api.client.post(f"/api/admin/queue/retry/{job_id}")
        job = await api.job(job_id)

    assert response.status_code == 402
    assert job["status"] == "failed"
    assert await committed(pool) == 800_000


async def create(api: Api) -> int:
    """The status of one create, asked again for as long as the database is busy."""
    body = {"storyboardId": "s", "provider": "sora", "scene": "x", "seconds": 8}
    while True:
        response = await api.client.post("/api/video/generate", json=body)
        if response.status_code != 503:
            return response.status_code
