"""A video that another system has submitted is taken over once, as its provider shows it, and never paid for again."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from db.connection import Pool
from providers.errors import TryLater
from tests.integration.app.conftest import Api, OpenApi
from tests.integration.app.rows import committed, state_of
from tests.integration.app.shown import Shown, shows
from tests.integration.app.test_auth import key_of


async def take_over(api: Api, headers: dict[str, str] | None = None, **members: Any) -> httpx.Response:
    body = {"storyboardId": "old", "provider": "sora", "prompt": "a pier", "seconds": 8, "providerJobId": "video_7"}
    return await api.client.post(
        "/api/admin/import", json=body | {"jobId": str(uuid4())} | members, headers=headers or {}
    )


async def test_it_waits_for_the_providers_video_and_starts_nothing(api: Api, pool: Pool) -> None:
    shows(api, Shown("video_7"))

    answer = await take_over(api)

    job = await api.job(answer.json()["jobId"])
    assert (answer.status_code, answer.json()["status"]) == (202, "processing")
    assert (job["stage"], job["providerJobId"], job["attemptsMade"]) == ("generating", "video_7", 1)
    (line,) = await pool.fetch("SELECT provider_id, outcome, counted, ended_at FROM reelwork.submissions")
    assert dict(line) == {"provider_id": "video_7", "outcome": "accepted", "counted": False, "ended_at": None}
    events = (await api.client.get(f"/api/video/{job['jobId']}/events")).json()["events"]
    assert [event["type"] for event in events] == ["created", "imported"]
    assert await committed(pool) == 800_000


async def test_a_repeat_says_where_it_is_and_changes_nothing(api: Api, pool: Pool) -> None:
    shows(api, Shown("video_7"))
    job_id = str(uuid4())
    await take_over(api, jobId=job_id)
    await pool.execute("UPDATE reelwork.video_jobs SET state = 'completed', completed_at = now()")

    again = await take_over(api, jobId=job_id)

    assert (again.status_code, again.json()["status"]) == (202, "completed")
    assert await pool.fetchval("SELECT count(*) FROM reelwork.submissions") == 1


async def test_one_provider_id_belongs_to_one_video(api: Api, pool: Pool) -> None:
    shows(api, Shown("video_7"))
    await take_over(api)

    second = await take_over(api)

    assert (second.status_code, second.json()["code"]) == (422, "cannot_adopt")
    assert await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 1


async def test_what_the_provider_does_not_show_leaves_no_trace(api: Api, pool: Pool) -> None:
    shows(api, Shown("video_7"))

    answer = await take_over(api, {"X-Provider-Key": "sk-somebody-elses-0123456789"}, providerJobId="video_8")

    assert (answer.status_code, answer.json()["code"]) == (422, "cannot_adopt")
    assert await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 0
    assert await pool.fetchval("SELECT count(*) FROM reelwork.credentials") == 0


async def test_while_the_provider_does_not_answer_nothing_is_taken_over(api: Api, pool: Pool) -> None:
    shows(api, Shown("video_7", TryLater("unavailable", "busy", 503)))

    answer = await take_over(api)

    assert answer.status_code == 503
    assert await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 0


async def test_a_successor_is_not_asked_for_an_id_it_does_not_know(open_api: OpenApi) -> None:
    async with open_api(MODEL_SUCCESSORS="sora:sora-2=omni:gemini-omni-1.2-flash") as api:
        answer = await take_over(api, model="sora-2")

    assert (answer.status_code, answer.json()["code"]) == (422, "cannot_adopt")


async def test_what_is_paid_already_is_refused_by_no_budget(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(BUDGET_USD_PER_DAY="0.5") as api:
        shows(api, Shown("video_7"))
        (client,) = (await api.client.get("/api/admin/clients")).json()["clients"]
        changed = await api.client.patch(f"/api/admin/clients/{client['id']}", json={"budgetUsdPerMonth": 0.5})
        answer = await take_over(api)
        refused = await api.client.post(
            "/api/video/generate", json={"storyboardId": "s", "provider": "sora", "scene": "x", "seconds": 4}
        )

    assert (changed.status_code, answer.status_code, refused.status_code) == (200, 202, 402)
    assert await state_of(pool, answer.json()["jobId"]) == "generating"


@pytest.mark.parametrize("missing", ["jobId", "providerJobId"])
async def test_both_ids_have_to_be_named(api: Api, missing: str) -> None:
    answer = await take_over(api, **{missing: None})

    assert answer.status_code == 400
    assert [error["path"] for error in answer.json()["errors"]] == [missing]


async def test_a_key_that_may_only_generate_cannot_take_over(api: Api) -> None:
    other = await key_of(api, "studio", "generate", "read")

    assert (await other.post("/api/admin/import", json={})).status_code == 403
