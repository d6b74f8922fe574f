"""A provider in trouble delays its videos; only its own verdict ends one, with its own reason."""

from db.breaker import TROUBLES_MOST
from tests.stack.installation import PRICE_MICROS, Installation
from tests.stack.waiting import until

PASSING = [
    "poll=500,times=3",
    "poll=429,retry_after=1,times=1",
    "poll=429,times=1",
    "poll=hang-up,times=3",
    "poll=truncated-json,times=2",
    "poll=html,times=2",
    "poll=404,times=2",
    "poll=huge,bytes=20000000,times=1",
    "content=500,times=1",
    "content=cut,at=0.5,times=1",
]
"""Faults of single polls and downloads: each strikes a video of its own."""

ENDS = {
    "fail=invalid_prompt": ("failed", "invalid_prompt"),
    "moderate-later": ("failed", "content_filtered"),
    "cancelled": ("failed", "cancelled_by_provider"),
    "vanish=0": ("failed", "provider_lost"),
    "word=contemplating": ("completed", None),
    "backwards": ("completed", None),
    "wrong-size=640x360": ("completed", None),
    "wrong-fps=12": ("completed", None),
}


async def _by_prompt(installation: Installation) -> dict[str, tuple[str, str | None]]:
    rows = await installation.pool.fetch("SELECT prompt, state, error_code FROM reelwork.video_jobs")
    return {row["prompt"]: (row["state"], row["error_code"]) for row in rows}


async def test_passing_trouble_of_polls_and_downloads_is_no_videos_failure(installation: Installation) -> None:
    installation.simulator.add_fault("list=500,probability=0.5")
    faulted = [f"a cat [sim:{fault}]" for fault in PASSING]
    await installation.submit(faulted)
    await installation.submit(faulted, kind="google_omni")
    installation.start_worker()

    assert await installation.all_ended(150) == {"completed": 2 * len(PASSING)}, installation.logs()
    assert sorted(installation.paid()) == sorted(2 * faulted)


async def test_each_verdict_ends_its_video_once_with_the_providers_reason(installation: Installation) -> None:
    installation.settings |= {"SUBMIT_TIMEOUT_SECONDS": "10", "GENERATION_TIMEOUT_SECONDS": "60"}
    fates = {f"a cat [sim:{fate}]": end for fate, end in ENDS.items()}
    await installation.submit(list(fates))
    installation.start_worker()

    await installation.all_ended(150)
    assert await _by_prompt(installation) == fates, installation.logs()
    assert sorted(installation.paid()) == sorted(fates)
    told = await installation.pool.fetch(
        "SELECT data -> 'differs' AS differs FROM reelwork.job_events WHERE type = 'completed' AND data ? 'differs'"
    )
    assert sorted(key for row in told for key in row["differs"]) == ["size"]


async def test_completed_without_a_result_is_given_its_time_and_then_said(installation: Installation) -> None:
    installation.settings |= {"SUBMIT_TIMEOUT_SECONDS": "10", "GENERATION_TIMEOUT_SECONDS": "60"}
    (never, late) = await installation.submit(["a cat [sim:no-output]", "a cat [sim:no-output=4]"], kind="google_omni")
    installation.start_worker()

    assert await installation.all_ended(150) == {"completed": 1, "failed": 1}, installation.logs()
    job = await installation.job(never)
    assert (job["error_code"], job["cost_micros"]) == ("no_output", PRICE_MICROS)
    assert job["completed_at"] < job["wait_until"], "it did not wait for the end of the video's whole time"
    assert (await installation.job(late))["state"] == "completed"


async def test_a_key_that_is_revoked_pauses_its_lane_and_loses_nothing(installation: Installation) -> None:
    installation.settings |= {"SUBMIT_TIMEOUT_SECONDS": "10", "GENERATION_TIMEOUT_SECONDS": "60"}
    installation.simulator.change(generation_s=4)
    running = await installation.submit(["a cat", "a dog"])
    installation.start_worker()

    async def named() -> bool:
        return all([(await installation.job(job_id))["provider_job_id"] for job_id in running])

    await until(named, 120, "two videos at the provider")
    ids = [(await installation.job(job_id))["provider_job_id"] for job_id in running]
    installation.simulator.revoke("sim-openai")
    (queued,) = await installation.submit(["a bird"])

    async def refused() -> object:
        return await installation.pool.fetchval("SELECT blocked_reason FROM reelwork.lanes WHERE blocked_until > now()")

    assert await until(refused, 60, "a lane that says why it pauses") == "invalid_api_key"
    assert set(await installation.states()) <= {"queued", "generating", "collecting", "submitting"}
    installation.simulator.revoke("sim-openai", revoked=False)

    assert await installation.all_ended(150) == {"completed": 3}, installation.logs()
    assert [(await installation.job(job_id))["provider_job_id"] for job_id in running] == ids
    assert (await installation.job(queued))["attempt"] == 1
    assert sorted(installation.paid()) == ["a bird", "a cat", "a dog"]


async def test_what_is_queued_waits_for_a_key_that_worked_before(installation: Installation) -> None:
    installation.settings |= {"SUBMIT_TIMEOUT_SECONDS": "10", "GENERATION_TIMEOUT_SECONDS": "60"}
    await installation.submit(["a cat"])
    installation.start_worker()
    assert await installation.all_ended(150) == {"completed": 1}, installation.logs()
    installation.simulator.revoke("sim-openai")
    (job_id,) = await installation.submit(["a bird"])

    async def put_back() -> bool:
        job = await installation.job(job_id)
        return (job["state"], job["error_code"]) == ("queued", "invalid_api_key")

    await until(put_back, 60, "a refused submission that is back in the queue")
    installation.simulator.revoke("sim-openai", revoked=False)

    assert await installation.all_ended(150) == {"completed": 2}, installation.logs()
    assert installation.paid() == ["a cat", "a bird"]


async def test_a_key_that_never_worked_is_refused_at_once(installation: Installation) -> None:
    installation.simulator.revoke("sim-openai")
    (job_id,) = await installation.submit(["a cat"])
    installation.start_worker()

    assert await installation.all_ended(150) == {"failed": 1}, installation.logs()
    assert (await installation.job(job_id))["error_code"] == "invalid_api_key"


async def test_a_provider_in_trouble_is_asked_by_one_probe_at_a_time_until_it_answers(
    installation: Installation,
) -> None:
    installation.settings |= {"GENERATION_TIMEOUT_SECONDS": "60", "LANE_MAX_IN_FLIGHT": "6"}
    installation.quick_listing()
    installation.simulator.add_fault("submit=500")
    await installation.submit([f"a cat {number}" for number in range(16)])
    await installation.set_lane(policy="resubmit")
    for _ in range(2):
        installation.start_worker()

    async def opened() -> object:
        return await installation.pool.fetchval("SELECT breaker_reason FROM reelwork.lanes WHERE breaker <> 'closed'")

    assert "unknown_outcome: The server" in str(await until(opened, 120, "an open breaker"))
    await until(lambda: _probes(installation, 3), 120, "probes")
    untouched = await installation.pool.fetch("SELECT id FROM reelwork.video_jobs WHERE started_at IS NULL")
    installation.simulator.clear_faults()

    assert await installation.all_ended(150) == {"completed": 16}, installation.logs()
    assert len(untouched) >= 5, "videos that wait are not sent into the trouble"
    assert {(await installation.job(row["id"]))["attempts_made"] for row in untouched} == {1}
    assert (await installation.pool.fetchval("SELECT breaker FROM reelwork.lanes")) == "closed"
    assert len(installation.paid()) == 16


async def _probes(installation: Installation, count: int) -> bool:
    """Whether the breaker has opened again so often."""
    streak = await installation.pool.fetchval("SELECT max(error_streak) FROM reelwork.lanes")
    return bool(streak >= TROUBLES_MOST + count - 1)
