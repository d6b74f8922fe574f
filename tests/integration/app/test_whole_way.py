"""From a request over HTTP to a video that opens in a browser: the API, a worker and simulated providers, as processes
and in place."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.integration.app.conftest import ADMIN_KEY, Api, OpenApi
from tests.stack.installation import Installation
from tests.stack.waiting import until

VERTEX_TOKEN = "ya29.simulated-token"
"""Any token will do at the simulator."""


@pytest.fixture
async def api(stack: Installation, open_api: OpenApi) -> AsyncIterator[Api]:
    """The API beside that worker."""
    variables = stack.environment(ADMIN_KEY=ADMIN_KEY, GOOGLE_CREDENTIALS_JSON=VERTEX_TOKEN, REELWORK_SIMULATED="1")
    async with open_api(**{name: value for name, value in variables.items() if name.isupper()}) as opened:
        yield opened


async def finished(api: Api, job_id: str) -> dict[str, object]:
    """The job as it stands when nothing more will happen to it."""

    async def ended() -> dict[str, object] | None:
        job: dict[str, object] = await api.job(job_id)
        return job if job["status"] in ("completed", "failed", "cancelled", "needs_review") else None

    job = await until(ended, 60, "the end of the video")
    assert isinstance(job, dict)
    return job


async def test_a_video_of_every_kind_is_made_stored_and_opens_under_its_link(api: Api, stack: Installation) -> None:
    stack.start_worker()
    made = [await api.generate(provider=kind, sceneId=kind) for kind in ("sora", "veo", "omni")]

    for answer in made:
        job = await finished(api, answer["jobId"])
        assert (job["status"], job["simulated"], job["attemptsMade"]) == ("completed", True, 1), job
        assert job["costUsd"] == answer["costEstimateUsd"]
        video: httpx.Response = await api.stranger.get(str(job["videoUrl"]))
        poster = await api.stranger.get(str(job["thumbnailUrl"]))
        assert video.content[4:8] == b"ftyp"
        assert poster.content[8:12] == b"WEBP"


async def test_a_storyboard_becomes_a_film_strip_and_the_queue_says_so(api: Api, stack: Installation) -> None:
    stack.start_worker()
    body = {"defaults": {"provider": "sora", "seconds": 4}, "scenes": [{"scene": "a"}, {"scene": "b"}]}

    response = await api.client.post("/api/storyboards/film/generate", json=body)
    for job in response.json()["jobs"]:
        await finished(api, job["jobId"])

    shown = (await api.client.get("/api/storyboards/film")).json()
    queue = (await api.client.get("/api/admin/queue")).json()
    health = await api.stranger.get("/api/health/worker")
    assert shown["counts"]["completed"] == queue["stats"]["completed"] == 2
    assert (queue["healthy"], queue["workers"], health.status_code) == (True, 1, 200)


async def test_a_running_omni_video_is_stopped_at_its_provider(api: Api, stack: Installation) -> None:
    stack.start_worker()
    job_id = (await api.generate(provider="omni", prompt="[sim:stuck] a long take"))["jobId"]

    async def generating() -> bool:
        return bool((await api.job(job_id))["stage"] == "generating")

    await until(generating, 30)
    asked = await api.client.post(f"/api/video/{job_id}/cancel")

    assert asked.status_code == 202
    assert (await finished(api, job_id))["status"] == "cancelled"
