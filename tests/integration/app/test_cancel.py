"""Cancel and delete at every stage: what is answered, what the row becomes, what the books say."""

import pytest

from db.connection import Pool
from tests.integration.app.conftest import Api
from tests.integration.app.rows import committed, move, state_of


async def test_a_queued_video_is_cancelled_at_once_and_costs_nothing(api: Api, pool: Pool) -> None:
    job_id = (await api.generate(seconds=8))["jobId"]

    response = await api.client.post(f"/api/video/{job_id}/cancel")

    assert (response.status_code, response.json()) == (200, {"jobId": job_id, "status": "cancelled"})
    assert await state_of(pool, job_id) == "cancelled"
    assert await committed(pool) == 0


async def test_while_submitting_a_cancel_is_only_noted(api: Api, pool: Pool) -> None:
    job_id = (await api.generate())["jobId"]
    await move(pool, job_id, "submitting")

    response = await api.client.post(f"/api/video/{job_id}/cancel")

    assert response.status_code == 202
    assert response.json() == {"jobId": job_id, "status": "processing", "cancelRequested": True}
    assert await state_of(pool, job_id) == "submitting"
    assert (await api.job(job_id))["cancelRequested"]


async def test_what_a_provider_can_stop_its_worker_is_asked_to_stop(api: Api, pool: Pool) -> None:
    job_id = (await api.generate(provider="omni"))["jobId"]
    await move(pool, job_id, "generating", provider_job_id="v1_1")

    response = await api.client.post(f"/api/video/{job_id}/cancel")

    assert response.status_code == 202
    assert await state_of(pool, job_id) == "generating"


@pytest.mark.parametrize("state", ["generating", "collecting", "needs_review"])
async def test_what_is_paid_for_and_cannot_be_stopped_ends_only_if_the_caller_insists(
    api: Api, pool: Pool, state: str
) -> None:
    job_id = (await api.generate(seconds=8))["jobId"]
    await move(pool, job_id, state, provider_job_id="video_1")

    refused = await api.client.post(f"/api/video/{job_id}/cancel")
    insisted = await api.client.post(f"/api/video/{job_id}/cancel?discard=true")

    assert (refused.status_code, refused.json()["code"]) == (409, "already_paid")
    assert (insisted.status_code, insisted.json()["status"]) == (200, "cancelled")
    assert await committed(pool) == 800_000


@pytest.mark.parametrize("state", ["completed", "failed", "cancelled"])
async def test_what_has_ended_cannot_be_cancelled(api: Api, pool: Pool, state: str) -> None:
    job_id = (await api.generate())["jobId"]
    await move(pool, job_id, state)

    response = await api.client.post(f"/api/video/{job_id}/cancel?discard=true")

    told = response.json()
    assert (response.status_code, told["code"], told["status"]) == (409, "already_ended", 409)
    assert await state_of(pool, job_id) == state


async def test_delete_removes_an_ended_video_with_its_files_and_keeps_the_books(api: Api, pool: Pool) -> None:
    job_id = (await api.generate(seconds=8))["jobId"]
    await move(pool, job_id, "completed")
    key = await api.store(job_id, b"not really a video")

    response = await api.client.delete(f"/api/video/{job_id}")

    assert (response.status_code, response.json()) == (200, {"jobId": job_id, "status": "deleted"})
    assert await state_of(pool, job_id) == "gone"
    assert await api.app.state.deps.storage.head(key) is None
    assert await committed(pool) == 800_000
    assert (await api.client.get(f"/api/video/{job_id}")).status_code == 404
    assert (await api.client.delete(f"/api/video/{job_id}")).status_code == 404


async def test_delete_cancels_what_has_not_ended(api: Api, pool: Pool) -> None:
    job_id = (await api.generate())["jobId"]

    response = await api.client.delete(f"/api/video/{job_id}")

    assert response.json() == {"jobId": job_id, "status": "cancelled"}
    assert await state_of(pool, job_id) == "cancelled"


async def test_a_removal_that_was_cut_short_can_be_done_again(api: Api, pool: Pool) -> None:
    job_id = (await api.generate())["jobId"]
    await move(pool, job_id, "deleting")

    assert (await api.client.get(f"/api/video/{job_id}")).status_code == 404
    assert (await api.client.delete(f"/api/video/{job_id}")).json()["status"] == "deleted"
    assert await state_of(pool, job_id) == "gone"


@pytest.mark.parametrize("job_id", ["nonsense", "00000000-0000-4000-8000-00000000dead"])
async def test_unknown_ids_are_404_on_every_path(api: Api, job_id: str) -> None:
    answers = [
        await api.client.get(f"/api/video/{job_id}"),
        await api.client.get(f"/api/video/{job_id}/events"),
        await api.client.get(f"/api/video/{job_id}/content"),
        await api.client.get(f"/api/video/{job_id}/thumbnail"),
        await api.client.post(f"/api/video/{job_id}/cancel"),
        await api.client.patch(f"/api/video/{job_id}", json={"priority": 1}),
        await api.client.delete(f"/api/video/{job_id}"),
        await api.client.post(f"/api/admin/jobs/{job_id}/resolve", json={"action": "fail"}),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(404, "not_found")}
