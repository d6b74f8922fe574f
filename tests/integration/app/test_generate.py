"""A create: what it answers, what it leaves in Postgres, and what it refuses before anything is written."""

import base64
from typing import Any
from uuid import uuid4

import httpx

from db.connection import Pool
from tests.integration.app.conftest import Api, OpenApi


async def count(pool: Pool, table: str) -> int:
    found: int = await pool.fetchval(f"SELECT count(*) FROM reelwork.{table}")
    return found


async def test_a_create_answers_with_everything_the_caller_needs(api: Api) -> None:
    answer = await api.generate(
        character={"name": "Ana", "description": "a keeper"}, presetKey="cinematic", seconds=8, size="1280x720"
    )

    assert set(answer) == {
        *("jobId", "status", "statusUrl", "prompt", "costEstimateUsd", "provider", "model", "requestedModel"),
        "adjusted",
    }
    assert answer["status"] == "queued"
    assert answer["provider"] == "sora"
    assert answer["statusUrl"] == f"/api/video/{answer['jobId']}"
    assert all(part in answer["prompt"] for part in ("a harbour at dawn", "Ana", "cinematic"))
    assert answer["costEstimateUsd"] == 0.8


async def test_a_create_writes_the_job_its_timeline_and_its_reserve_together(api: Api, pool: Pool) -> None:
    answer = await api.generate(seconds=8, metadata={"take": 3})

    job = await pool.fetchrow("SELECT state, tag, due_at <= now() AS due, caller_metadata FROM reelwork.video_jobs")
    line = await pool.fetchrow("SELECT entry, micros, delta_micros, attempt FROM reelwork.ledger")
    event = await pool.fetchrow("SELECT job_id::text, type, state FROM reelwork.job_events")
    assert dict(job) == {"state": "queued", "tag": 1.0, "due": True, "caller_metadata": {"take": 3}}
    assert dict(line) == {"entry": "reserve", "micros": 800_000, "delta_micros": 800_000, "attempt": 1}
    assert dict(event) == {"job_id": answer["jobId"], "type": "created", "state": "queued"}


async def test_the_answer_to_get_has_all_keys_and_null_for_what_is_unknown(api: Api) -> None:
    answer = await api.generate(sceneId="scene-1")

    job = await api.job(answer["jobId"])

    promised = (
        "jobId storyboardId sceneId provider model requestedModel prompt status stage progress providerJobId videoUrl "
        "thumbnailUrl errorCode errorMessage attemptsMade costUsd costEstimateUsd createdAt startedAt completedAt "
        "elapsedTime simulated"
    )
    assert set(promised.split()) <= set(job)
    assert (job["status"], job["stage"], job["sceneId"], job["simulated"]) == ("queued", "queued", "scene-1", False)
    assert job["videoUrl"] is job["progress"] is job["costUsd"] is job["completedAt"] is None
    assert job["attemptsMade"] == 0


async def test_every_kind_can_be_asked_for_and_gets_a_lane_of_its_own(api: Api, pool: Pool) -> None:
    for provider in ("sora", "veo", "omni", "vertex_veo"):
        answer = await api.generate(provider=provider)
        assert answer["provider"] in ("sora", "veo", "omni")

    lanes = [row["kind"] for row in await pool.fetch("SELECT kind FROM reelwork.lanes ORDER BY kind")]
    assert lanes == ["google_omni", "openai_videos", "vertex_veo"]
    assert await count(pool, "credentials") == 3


async def test_all_faults_come_back_at_once_and_nothing_is_written(api: Api, pool: Pool) -> None:
    response = await api.client.post("/api/video/generate", json={"seconds": -1, "colour": "red"})

    problem = response.json()
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/problem+json"
    assert {error["path"] for error in problem["errors"]} == {"storyboardId", "provider", "scene", "seconds", "colour"}
    assert problem["error"] == problem["detail"]
    assert {"type", "title", "status", "code"} <= set(problem)
    assert await count(pool, "video_jobs") == 0


async def test_what_a_model_cannot_do_is_refused_by_name(api: Api, pool: Pool) -> None:
    problem = await api.generate(400, provider="veo", seconds=5, fps=60)

    assert {error["path"] for error in problem["errors"]} == {"seconds", "fps"}
    assert "veo-3.1" in problem["errors"][0]["message"]
    assert await count(pool, "lanes") == 0


async def test_an_unknown_model_is_refused_with_its_own_code(api: Api) -> None:
    problem = await api.generate(400, model="no-such-model")

    assert problem["code"] == "model_not_found"
    assert [error["path"] for error in problem["errors"]] == ["model"]


async def test_a_model_that_its_host_has_retired_is_refused_naming_what_to_set(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(OPENAI_BASE_URL=None) as api:
        problem = await api.generate(410, model="sora-2")

    assert problem["code"] == "model_retired"
    assert "OPENAI_BASE_URL" in problem["detail"]
    assert await count(pool, "video_jobs") == 0


async def test_a_successor_takes_a_retired_models_place_and_says_what_it_changed(open_api: OpenApi) -> None:
    async with open_api(OPENAI_BASE_URL=None, MODEL_SUCCESSORS="sora:sora-2=omni:gemini-omni-1.2-flash") as api:
        answer = await api.generate(model="sora-2", size="1280x720", seconds=8)
        job = await api.job(answer["jobId"])

    assert (answer["provider"], answer["model"]) == ("omni", "gemini-omni-1.2-flash")
    assert answer["requestedModel"] == "sora-2"
    assert "size" in answer["adjusted"]
    assert job["adjusted"] == answer["adjusted"]


async def test_a_successor_of_another_kind_never_gets_the_callers_key(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(OPENAI_BASE_URL=None, MODEL_SUCCESSORS="sora:sora-2=omni:gemini-omni-1.2-flash") as api:
        await api.generate(model="sora-2", headers={"X-Provider-Key": "sk-callers-own-key-0001"})

    assert [row["source"] for row in await pool.fetch("SELECT source FROM reelwork.credentials")] == ["server"]


async def test_a_repeat_with_the_callers_own_id_answers_as_the_first_one_did(api: Api, pool: Pool) -> None:
    job_id = str(uuid4())

    first = await api.generate(jobId=job_id, seconds=8)
    again = await api.generate(jobId=job_id, seconds=8, scene={"description": "a harbour at dawn"})
    other = await api.generate(409, jobId=job_id, seconds=4)

    assert first == again
    assert first["jobId"] == job_id
    assert other["code"] == "job_id_taken"
    assert await count(pool, "video_jobs") == await count(pool, "ledger") == 1


async def test_a_scheduled_video_waits_without_a_place_in_the_queue(api: Api, pool: Pool) -> None:
    await api.generate(runAt="2099-01-01T00:00:00Z")

    row = await pool.fetchrow("SELECT tag, due_at > now() AS later, run_at FROM reelwork.video_jobs")
    day = await pool.fetchval("SELECT day FROM reelwork.ledger")
    assert row["tag"] is None
    assert row["later"]
    assert str(day) == "2099-01-01"


async def test_an_input_image_is_kept_as_it_will_be_sent(api: Api, pool: Pool) -> None:
    png = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(62)).decode()

    await api.generate(inputs=[{"role": "first_frame", "url": png}])
    problem = await api.generate(400, inputs=[{"role": "first_frame", "url": "data:image/png;base64,aGVsbG8="}])

    row = await pool.fetchrow("SELECT role, content_type, length(data) AS size FROM reelwork.job_inputs")
    assert (row["role"], row["content_type"]) == ("first_frame", "image/png")
    assert row["size"] == 70
    assert [error["path"] for error in problem["errors"]] == ["inputs.0.url"]
    assert await count(pool, "video_jobs") == 1


async def test_a_create_says_where_to_look_and_carries_a_request_id(api: Api, pool: Pool) -> None:
    body: dict[str, Any] = {"storyboardId": "s", "provider": "sora", "scene": "x"}

    response = await api.client.post("/api/video/generate", json=body, headers={"X-Request-Id": "trace-0123456789"})

    assert response.headers["location"] == response.json()["statusUrl"]
    assert response.headers["x-request-id"] == "trace-0123456789"
    assert await pool.fetchval("SELECT trace_id FROM reelwork.video_jobs") == "trace-0123456789"


async def test_a_body_that_is_too_large_is_not_read(api: Api) -> None:
    async def endless() -> Any:
        for _ in range(100):
            yield b" " * 1_048_576

    response = await api.client.post("/api/video/generate", content=endless())

    assert response.status_code == 413
    assert response.json()["code"] == "too_large"


async def test_paths_and_methods_that_are_not_there_are_problems_too(api: Api) -> None:
    missing: httpx.Response = await api.client.get("/api/nothing")
    wrong = await api.client.put("/api/video/generate")

    assert (missing.status_code, missing.json()["code"]) == (404, "no_such_path")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
