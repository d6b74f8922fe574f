"""Several processes, one database: doubles become one job, and nobody deadlocks."""

import asyncio
from collections import Counter
from uuid import uuid4

from db.connection import Pool
from tests.integration.app.conftest import Api, OpenApi


async def status(api: Api, body: dict[str, object], path: str = "/api/video/generate") -> int:
    """The status of one create, sent again for as long as the server says 503."""
    while True:
        response = await api.client.post(path, json=body)
        if response.status_code != 503:
            return response.status_code


async def test_simultaneous_creates_with_one_id_make_one_job(open_api: OpenApi, pool: Pool) -> None:
    body: dict[str, object] = {"storyboardId": "s", "provider": "sora", "scene": "x", "jobId": str(uuid4())}

    async with open_api() as one, open_api() as two:
        answers = await asyncio.gather(*(status(api, body) for api in (one, two) for _ in range(10)))

    assert Counter(answers) == {202: 20}
    assert await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 1
    assert await pool.fetchval("SELECT count(*) FROM reelwork.ledger") == 1


async def test_simultaneous_creates_by_several_clients_each_get_a_place_of_their_own(
    open_api: OpenApi, pool: Pool
) -> None:
    body: dict[str, object] = {"storyboardId": "s", "provider": "sora", "scene": "x"}

    async with open_api() as one, open_api() as two:
        await asyncio.gather(*(status(api, body) for api in (one, two) for _ in range(15)))

    tags = [row["tag"] for row in await pool.fetch("SELECT tag FROM reelwork.video_jobs")]
    assert sorted(tags) == [float(place) for place in range(1, 31)]
    assert await pool.fetchval("SELECT count(*) FROM reelwork.lanes") == 1


async def test_storyboards_with_overlapping_ids_end_without_a_deadlock(open_api: OpenApi, pool: Pool) -> None:
    ids = [str(uuid4()) for _ in range(6)]
    scenes = [{"scene": "x", "jobId": job_id} for job_id in ids]
    forth: dict[str, object] = {"defaults": {"provider": "sora"}, "scenes": scenes}
    back: dict[str, object] = {"defaults": {"provider": "sora"}, "scenes": scenes[::-1]}
    path = "/api/storyboards/film/generate"

    async with open_api() as one, open_api() as two:
        answers = await asyncio.gather(
            *(status(one, forth, path) for _ in range(4)), *(status(two, back, path) for _ in range(4))
        )

    assert Counter(answers) == {202: 8}
    assert await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 6


async def test_cancels_of_one_video_agree_on_one_outcome(open_api: OpenApi, pool: Pool) -> None:
    async with open_api() as api:
        job_id = (await api.generate())["jobId"]
        answers = await asyncio.gather(*(api.client.post(f"/api/video/{job_id}/cancel") for _ in range(8)))

    assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 7}
    assert await pool.fetchval("SELECT sum(delta_micros) FROM reelwork.ledger") == 0
