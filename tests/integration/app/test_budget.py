"""What may be spent and queued holds under simultaneous creates, and a refusal says what is left."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from loguru import logger

from db.connection import Pool
from tests.integration.app.conftest import ADMIN_KEY, Api, OpenApi
from tests.integration.app.rows import committed, move
from tests.integration.app.test_auth import key_of

VIDEO = {"storyboardId": "s", "provider": "sora", "scene": "x", "seconds": 8}

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")


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


async def test_a_clients_own_budget_holds_over_processes_and_leaves_others_alone(open_api: OpenApi, pool: Pool) -> None:
    async with open_api() as one, open_api() as two:
        other = await key_of(one, "studio", "generate")
        assert (await change(one, "clients", "default", budgetUsdPerMonth=8.0))["budgetUsdPerMonth"] == 8
        answers = await asyncio.gather(*(create(api) for api in (one, two) for _ in range(20)))
        refused = await one.generate(402, seconds=8)
        others = (await other.post("/api/video/generate", json=VIDEO)).status_code
        await change(one, "clients", "default", budgetUsdPerMonth=None)
        after = await create(two)

    assert sorted(answers) == [202] * 10 + [402] * 30
    assert (refused["budget"], refused["period"], refused["remainingUsd"]) == ("client", "month", 0)
    assert (others, after) == (202, 202)
    assert await committed(pool) == 12 * 800_000


async def test_a_lanes_budget_is_shared_by_the_clients_that_use_it(open_api: OpenApi, pool: Pool) -> None:
    async with open_api() as one, open_api() as two:
        other = await key_of(two, "studio", "generate")
        await one.generate(seconds=8)
        (lane,) = (await one.client.get("/api/admin/lanes")).json()["lanes"]
        await one.client.patch(f"/api/admin/lanes/{lane['id']}", json={"budgetUsdPerDay": 4.0})
        tries = [create(one) for _ in range(8)] + [create(two, other) for _ in range(8)]
        answers = await asyncio.gather(*tries)
        elsewhere = await one.generate(provider="omni")
        job_id = await pool.fetchval("SELECT id::text FROM reelwork.video_jobs WHERE kind = 'openai_videos' LIMIT 1")
        await move(pool, job_id, "failed", error_code="generation_failed")
        retried = await one.client.post(f"/api/admin/queue/retry/{job_id}")

    assert sorted(answers) == [202] * 4 + [402] * 12
    assert elsewhere["status"] == "queued"
    assert (retried.status_code, retried.json()["budget"]) == (402, "lane")
    assert await pool.fetchval("SELECT sum(delta_micros) FROM reelwork.ledger WHERE model = 'sora-2'") == 4_000_000


async def test_what_cost_nothing_is_given_back_to_every_budget(open_api: OpenApi) -> None:
    async with open_api() as api:
        await change(api, "clients", "default", budgetUsdPerDay=0.8)
        job_id = (await api.generate(seconds=8))["jobId"]
        await api.generate(402, seconds=4)
        assert (await api.client.post(f"/api/video/{job_id}/cancel")).status_code == 200
        await api.generate(seconds=8)


async def test_a_budget_that_passes_four_fifths_is_told_once_and_shown_until_it_is_over(
    open_api: OpenApi, logged: list[str]
) -> None:
    async with open_api(BUDGET_USD_PER_DAY="100") as api:
        await change(api, "clients", "default", budgetUsdPerDay=1.0, budgetUsdPerMonth=50.0)
        await api.generate(seconds=4)
        quiet = (await api.client.get("/api/admin/queue")).json()["budgetsNearlySpent"]
        await api.generate(seconds=4)
        await api.generate(402, seconds=4)
        (loud,) = (await api.client.get("/api/admin/queue")).json()["budgetsNearlySpent"]

    assert quiet == []
    assert (loud["budget"], loud["period"], loud["remainingUsd"], loud["limitUsd"]) == ("client", "day", 0.2, 1)
    assert len([line for line in logged if "budget nearly spent" in line]) == 1


async def test_a_client_queues_as_many_videos_as_it_may(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(CLIENT_MAX_QUEUED="3") as one, open_api(CLIENT_MAX_QUEUED="3") as two:
        answers = await asyncio.gather(*(create(api) for api in (one, two) for _ in range(5)))
        refused = await one.client.post("/v1/videos", json={"model": "sora-2", "prompt": "x"})
        scenes = {"scenes": [{"provider": "sora", "scene": "x"}] * 2}
        board = await one.client.post("/api/storyboards/film/generate", json=scenes)
        await change(one, "clients", "default", maxQueued=5)
        more = await one.client.post("/api/storyboards/film/generate", json=scenes)

    assert sorted(answers) == [202] * 3 + [429] * 7
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_queued")
    assert refused.headers["retry-after"] == "10"
    assert (board.status_code, more.status_code) == (429, 202)
    assert await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 5


async def test_a_thousand_polls_of_the_sdk_spend_nothing(open_api: OpenApi, pool: Pool) -> None:
    books = "SELECT (SELECT count(*) FROM reelwork.submissions), count(*), sum(delta_micros) FROM reelwork.ledger"
    async with open_api() as api:
        sdk = openai.AsyncOpenAI(api_key=ADMIN_KEY, base_url="http://api.test/v1", http_client=api.client)
        video = await sdk.videos.create(model="omni", prompt="x")
        before = tuple(await pool.fetchrow(books))
        for _ in range(40):
            await asyncio.gather(*(sdk.videos.retrieve(video.id) for _ in range(25)))

    assert tuple(await pool.fetchrow(books)) == before
    assert before[:2] == (0, 1)


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """The log's lines."""
    lines: list[str] = []
    sink = logger.add(lines.append, level="WARNING")
    yield lines
    logger.remove(sink)


async def change(api: Api, what: str, name: str, **members: object) -> Any:
    """PATCH what has this name."""
    found = (await api.client.get(f"/api/admin/{what}")).json()[what]
    row = next(one for one in found if one["name"] == name)
    answer = await api.client.patch(f"/api/admin/{what}/{row['id']}", json=members)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def create(api: Api, client: httpx.AsyncClient | None = None) -> int:
    """The status of one create, asked again for as long as the database is busy."""
    while True:
        response = await (client or api.client).post("/api/video/generate", json=VIDEO)
        if response.status_code != 503:
            return response.status_code
