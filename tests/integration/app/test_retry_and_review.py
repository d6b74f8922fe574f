"""A person's second try goes on where the money is; a review is decided once, by what the provider shows."""

from typing import Any

import pytest

from db.connection import Pool
from providers.errors import TryLater
from tests.integration.app.conftest import Api
from tests.integration.app.rows import committed, move, state_of
from tests.integration.app.shown import Shown, shows

NOWHERE = "00000000-0000-4000-8000-00000000dead"


async def test_a_video_that_failed_at_its_provider_is_submitted_again_and_reserved_anew(api: Api, pool: Pool) -> None:
    job_id = (await api.generate(seconds=8))["jobId"]
    await move(pool, job_id, "failed", error_code="generation_failed", provider_job_id="video_1")

    response = await api.client.post(f"/api/admin/queue/retry/{job_id}")

    answer = response.json()
    assert response.status_code == 200
    assert (answer["success"], answer["message"]) == (True, "Job queued for retry")
    assert answer["costEstimateUsd"] == 0.8
    row = await pool.fetchrow("SELECT state, attempt, provider_job_id FROM reelwork.video_jobs")
    assert dict(row) == {"state": "queued", "attempt": 2, "provider_job_id": None}
    assert await committed(pool) == 1_600_000


@pytest.mark.parametrize(
    ("columns", "stage"),
    [
        (
            {"error_code": "too_large", "result": {"urls": ["https://x.example/v"]}, "provider_job_id": "v"},
            "collecting",
        ),
        ({"error_code": "generation_timeout", "provider_job_id": "v"}, "generating"),
    ],
)
async def test_what_is_already_paid_for_is_taken_up_again_at_no_cost(
    api: Api, pool: Pool, columns: dict[str, Any], stage: str
) -> None:
    job_id = (await api.generate(seconds=8))["jobId"]
    await move(pool, job_id, "failed", **columns)

    answer = (await api.client.post(f"/api/admin/queue/retry/{job_id}")).json()

    assert (answer["stage"], answer["costEstimateUsd"]) == (stage, 0.0)
    assert await state_of(pool, job_id) == stage
    assert await committed(pool) == 800_000


async def test_a_video_whose_copy_is_gone_has_to_be_paid_for_again(api: Api, pool: Pool) -> None:
    job_id = (await api.generate())["jobId"]
    await move(pool, job_id, "failed", error_code="asset_expired", result={"urls": []}, provider_job_id="v")

    answer = (await api.client.post(f"/api/admin/queue/retry/{job_id}")).json()

    assert answer["stage"] == "queued"


@pytest.mark.parametrize(("job_id", "status"), [("nonsense", 400), (NOWHERE, 404)])
async def test_a_retry_tells_a_malformed_id_from_an_unknown_one(api: Api, job_id: str, status: int) -> None:
    assert (await api.client.post(f"/api/admin/queue/retry/{job_id}")).status_code == status


async def test_only_a_failed_video_can_be_retried(api: Api, pool: Pool) -> None:
    job_id = (await api.generate())["jobId"]

    response = await api.client.post(f"/api/admin/queue/retry/{job_id}")

    assert (response.status_code, response.json()["code"]) == (404, "not_retryable")
    assert await state_of(pool, job_id) == "queued"


async def test_a_review_is_listed_and_can_be_given_up(api: Api, pool: Pool) -> None:
    job_id = (await api.generate(seconds=8))["jobId"]
    await move(pool, job_id, "needs_review", error_code="outcome_unknown")

    listed = (await api.client.get("/api/admin/review")).json()["jobs"]
    decided = await api.client.post(f"/api/admin/jobs/{job_id}/resolve", json={"action": "fail", "note": "too old"})
    again = await api.client.post(f"/api/admin/jobs/{job_id}/resolve", json={"action": "resubmit"})

    assert [(job["jobId"], job["status"]) for job in listed] == [(job_id, "needs_review")]
    assert decided.json() == {"jobId": job_id, "status": "failed", "stage": "failed"}
    assert (await api.job(job_id))["errorMessage"] == "too old"
    assert (again.status_code, again.json()["code"]) == (409, "not_in_review")
    assert await committed(pool) == 800_000


async def test_a_resubmitted_review_counts_the_unknown_attempt_as_spent(api: Api, pool: Pool) -> None:
    job_id = (await api.generate(seconds=8))["jobId"]
    await move(pool, job_id, "needs_review")

    decided = await api.client.post(f"/api/admin/jobs/{job_id}/resolve", json={"action": "resubmit"})

    assert decided.json()["stage"] == "queued"
    assert await committed(pool) == 1_600_000


async def test_an_id_that_the_provider_shows_can_be_adopted_once(api: Api, pool: Pool) -> None:
    first, second = [(await api.generate())["jobId"] for _ in range(2)]
    for job_id in (first, second):
        await move(pool, job_id, "needs_review")
    shows(api, Shown("video_7"))
    adopt = {"action": "adopt", "providerJobId": "video_7"}

    taken = await api.client.post(f"/api/admin/jobs/{first}/resolve", json=adopt)
    twice = await api.client.post(f"/api/admin/jobs/{second}/resolve", json=adopt)

    assert (taken.status_code, taken.json()["status"]) == (200, "processing")
    assert (await api.job(first))["providerJobId"] == "video_7"
    assert (twice.status_code, twice.json()["code"]) == (422, "cannot_adopt")
    assert await state_of(pool, second) == "needs_review"


async def test_an_id_that_the_provider_does_not_show_is_not_adopted(api: Api, pool: Pool) -> None:
    job_id = (await api.generate())["jobId"]
    await move(pool, job_id, "needs_review")
    shows(api, Shown("video_7"))

    answer = await api.client.post(
        f"/api/admin/jobs/{job_id}/resolve", json={"action": "adopt", "providerJobId": "video_8"}
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "cannot_adopt")


async def test_while_the_provider_does_not_answer_nothing_is_concluded(api: Api, pool: Pool) -> None:
    job_id = (await api.generate())["jobId"]
    await move(pool, job_id, "needs_review")
    shows(api, Shown("video_7", TryLater("unavailable", "busy", 503)))

    answer = await api.client.post(
        f"/api/admin/jobs/{job_id}/resolve", json={"action": "adopt", "providerJobId": "video_7"}
    )

    assert answer.status_code == 503
    assert "retry-after" in answer.headers
    assert await state_of(pool, job_id) == "needs_review"
