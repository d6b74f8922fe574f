"""Creates that come at once share a transaction, and none of them pays for what is wrong with another."""

import asyncio
from collections import Counter
from uuid import uuid4

from db.connection import Pool
from tests.integration.app.conftest import Api, OpenApi

BODY = {"storyboardId": "s", "provider": "sora", "scene": "x"}


async def status(api: Api, **members: object) -> int:
    while True:
        request_id = {"X-Request-Id": f"request-{uuid4()}"}
        response = await api.client.post("/api/video/generate", json=BODY | members, headers=request_id)
        if response.status_code != 503:
            return response.status_code


async def test_creates_at_once_share_transactions_and_keep_their_own_names(api: Api, pool: Pool) -> None:
    answers = await asyncio.gather(*(status(api) for _ in range(40)))

    rows = await pool.fetch("SELECT xmin::text AS written_by, trace_id, tag FROM reelwork.video_jobs")
    assert Counter(answers) == {202: 40}
    assert len({row["written_by"] for row in rows}) < 20
    assert len({row["trace_id"] for row in rows}) == 40
    assert sorted(row["tag"] for row in rows) == [float(place) for place in range(1, 41)]


async def test_a_refused_create_does_not_fail_its_neighbours(api: Api, pool: Pool) -> None:
    same = str(uuid4())
    rivals = [status(api, jobId=same, scene=scene) for scene in ("one", "another")]

    answers = await asyncio.gather(*(status(api) for _ in range(10)), *rivals, *(status(api) for _ in range(10)))

    assert Counter(answers) == {202: 21, 409: 1}
    assert await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 21


async def test_of_creates_at_once_as_many_go_through_as_the_budget_bears(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(BUDGET_USD_PER_DAY="2.00") as api:
        answers = await asyncio.gather(*(status(api, seconds=4) for _ in range(12)))

    assert Counter(answers) == {202: 5, 402: 7}
    assert await pool.fetchval("SELECT sum(delta_micros)::bigint FROM reelwork.ledger") == 2_000_000
