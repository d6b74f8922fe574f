"""What a provider refuses, fails or garbles ends in the right class, with the right money."""

import shutil
from uuid import UUID

import pytest

from tests.stack.installation import PRICE_MICROS, Installation
from tests.stack.waiting import until

_JOB = "SELECT state, error_code, attempt, attempts_made, cost_micros FROM reelwork.video_jobs WHERE id = $1"


async def _ends(installation: Installation, prompt: str, within_s: float = 150, **how: object) -> dict[str, object]:
    (job_id,) = await installation.submit([prompt], **how)
    installation.start_worker()
    await installation.all_ended(within_s)
    return dict(await installation.pool.fetchrow(_JOB, job_id))


async def _spent(installation: Installation) -> int:
    total = await installation.pool.fetchval("SELECT coalesce(sum(delta_micros), 0)::bigint FROM reelwork.ledger")
    return int(total)


async def test_a_failure_that_is_free_is_submitted_three_times_in_all(installation: Installation) -> None:
    job = await _ends(installation, "a cat [sim:fail=server_error]")

    assert (job["state"], job["error_code"], job["attempt"]) == ("failed", "server_error", 3), installation.logs()
    assert (len(installation.paid()), job["attempts_made"], await _spent(installation)) == (3, 3, 0)


async def test_a_failure_that_cost_money_is_not_submitted_again(installation: Installation) -> None:
    job = await _ends(installation, "a cat [sim:fail=server_error]", kind="google_omni")

    assert (job["state"], job["attempts_made"], job["cost_micros"]) == ("failed", 1, PRICE_MICROS)
    assert (len(installation.paid()), await _spent(installation)) == (1, PRICE_MICROS)


@pytest.mark.parametrize("fate", ["[sim:submit=moderate]", "[sim:moderate-later]"])
async def test_a_refusal_by_moderation_is_final_at_once(installation: Installation, fate: str) -> None:
    job = await _ends(installation, f"a cat {fate}")

    assert (job["state"], job["attempt"]) == ("failed", 1), installation.logs()
    assert len(installation.paid()) <= 1
    assert await _spent(installation) == 0


async def test_a_busy_provider_costs_no_attempt(installation: Installation) -> None:
    installation.simulator.add_fault("submit=429,times=2,retry_after=1")

    job = await _ends(installation, "a patient cat")

    assert (job["state"], job["attempts_made"], job["attempt"]) == ("completed", 1, 1), installation.logs()
    assert len(installation.paid()) == 1


async def test_a_result_that_expired_before_it_was_fetched_says_so_and_counts_as_spent(
    installation: Installation,
) -> None:
    job = await _ends(installation, "a cat [sim:expires=0]")

    assert (job["state"], job["error_code"], job["cost_micros"]) == ("failed", "asset_expired", PRICE_MICROS)


async def test_a_clip_of_another_length_is_stored_and_the_timeline_says_what_differs(
    installation: Installation,
) -> None:
    (job_id,) = await installation.submit(["a cat [sim:wrong-length=2]"])
    installation.start_worker()

    assert await installation.all_ended(150) == {"completed": 1}, installation.logs()
    told = await _completed_event(installation, job_id)
    assert "seconds" in told["differs"]


async def test_a_storage_that_is_away_only_delays_the_video(installation: Installation) -> None:
    installation.simulator.change(generation_s=4)
    (job_id,) = await installation.submit(["a cat"])
    installation.start_worker()
    await installation.named(job_id)
    installation.take_storage_away()

    async def tried() -> object:
        return await installation.pool.fetchval(
            "SELECT collect_failures FROM reelwork.video_jobs WHERE id = $1", job_id
        )

    await until(tried, 120, "a failed try to store")
    installation.give_storage_back()
    assert await installation.all_ended(150) == {"completed": 1}, installation.logs()
    assert len(installation.paid()) == 1


async def test_what_is_no_video_fails_after_three_looks_with_the_reason(installation: Installation) -> None:
    job = await _ends(installation, "a cat [sim:content=wrong-content,of=html]")

    assert (job["state"], job["error_code"]) == ("failed", "not_a_video"), installation.logs()
    assert not installation.videos.exists() or not list(installation.videos.glob("*/*/video.mp4"))
    shutil.rmtree(installation.videos, ignore_errors=True)


async def _completed_event(installation: Installation, job_id: UUID) -> dict[str, object]:
    data = await installation.pool.fetchval(
        "SELECT data FROM reelwork.job_events WHERE job_id = $1 AND type = 'completed'", job_id
    )
    return dict(data)
