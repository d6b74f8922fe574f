"""Where nobody can say whether a lost submission was accepted: a storage prefix, a lane's policy, or a person."""

import pytest

from devstack.engines.ports import pick_port
from tests.stack.installation import PRICE_MICROS, Installation
from tests.stack.waiting import until

OURS = "gs://our-bucket/reelwork"


async def books(installation: Installation) -> list[tuple[int, str, int]]:
    rows = await installation.pool.fetch(
        "SELECT attempt, entry, delta_micros FROM reelwork.ledger ORDER BY attempt, id"
    )
    return [(row["attempt"], row["entry"], row["delta_micros"]) for row in rows]


async def test_a_lost_video_shows_itself_under_its_own_storage_prefix(installation: Installation) -> None:
    installation.settings |= {"SUBMIT_TIMEOUT_SECONDS": "3", "GENERATION_TIMEOUT_SECONDS": "60"}
    lost = await installation.submit(
        ["a lost whale [sim:submit=500-after]"] * 2, kind="vertex_veo", seconds=4, output_uri=OURS
    )
    installation.start_worker()

    assert await installation.all_ended(150) == {"completed": 2}, installation.logs()
    assert len(installation.paid()) == 2
    for job_id in lost:
        assert "watching_output" in [event["type"] for event in await installation.timeline(job_id)]


async def test_a_prefix_that_stays_empty_is_left_to_a_person_at_the_end_of_its_time(installation: Installation) -> None:
    installation.settings |= {"SUBMIT_TIMEOUT_SECONDS": "2", "GENERATION_TIMEOUT_SECONDS": "8"}
    await installation.submit(["a whale [sim:submit=hang-up]"], kind="vertex_veo", output_uri=OURS)
    installation.start_worker()

    assert await installation.all_ended(150) == {"needs_review": 1}, installation.logs()
    assert await books(installation) == [(1, "reserve", PRICE_MICROS)]


async def test_without_a_storage_prefix_a_person_decides_after_the_deadline(installation: Installation) -> None:
    installation.settings["SUBMIT_TIMEOUT_SECONDS"] = "3"
    await installation.submit(["a whale [sim:submit=hang-up-after]"], kind="vertex_veo")
    installation.start_worker()

    assert await installation.all_ended(150) == {"needs_review": 1}, installation.logs()
    assert len(installation.paid()) == 1


async def test_a_lane_that_resubmits_counts_the_lost_attempt_as_spent(installation: Installation) -> None:
    installation.settings["SUBMIT_TIMEOUT_SECONDS"] = "3"
    (job_id,) = await installation.submit(["a whale [sim:submit=500-after,times=1]"], kind="google_omni")
    await installation.set_lane(policy="resubmit")
    installation.start_worker()

    assert await installation.all_ended(150) == {"completed": 1}, installation.logs()
    assert (len(installation.paid()), (await installation.job(job_id))["attempt"]) == (2, 2)
    assert await books(installation) == [
        (1, "reserve", PRICE_MICROS),
        (1, "settle", 0),
        (2, "reserve", PRICE_MICROS),
        (2, "settle", 0),
    ]


async def test_a_lane_that_resubmits_pays_for_three_attempts_at_most(installation: Installation) -> None:
    installation.settings["SUBMIT_TIMEOUT_SECONDS"] = "2"
    await installation.submit(["a whale [sim:submit=500-after]"], kind="google_omni")
    await installation.set_lane(policy="resubmit")
    installation.start_worker()

    assert await installation.all_ended(150) == {"needs_review": 1}, installation.logs()
    assert len(installation.paid()) == 3


async def test_a_server_that_bills_nothing_for_a_loss_is_given_the_request_again(installation: Installation) -> None:
    installation.settings["SUBMIT_TIMEOUT_SECONDS"] = "2"
    (job_id,) = await installation.submit(["a whale [sim:submit=500-after,times=1]"], kind="google_omni")
    await installation.set_lane(billing="free_on_loss")
    installation.start_worker()

    assert await installation.all_ended(150) == {"completed": 1}, installation.logs()
    assert (await installation.job(job_id))["attempt"] == 1
    assert await books(installation) == [(1, "reserve", PRICE_MICROS), (1, "settle", 0)]


@pytest.mark.parametrize(
    ("billing", "end", "paid", "spent"),
    [("free_on_loss", "completed", 2, PRICE_MICROS), ("per_video", "failed", 1, PRICE_MICROS)],
)
async def test_a_server_that_was_started_anew_has_lost_its_videos(
    installation: Installation, billing: str, end: str, paid: int, spent: int
) -> None:
    installation.settings |= {"SUBMIT_TIMEOUT_SECONDS": "10", "GENERATION_TIMEOUT_SECONDS": "40"}
    installation.simulator.change(generation_s=20)
    (job_id,) = await installation.submit(["a cat"])
    await installation.set_lane(billing=billing)
    installation.start_worker()

    async def named() -> object:
        return (await installation.job(job_id))["provider_job_id"]

    await until(named, 120, "a video at the provider")
    installation.simulator.change(generation_s=0.5)
    installation.simulator.forget()

    assert await installation.all_ended(150) == {end: 1}, installation.logs()
    job = await installation.job(job_id)
    assert job["error_code"] == (None if end == "completed" else "provider_lost")
    assert len(installation.paid()) == paid
    assert sum(delta for _, _, delta in await books(installation)) == spent


async def test_a_webhook_brings_back_what_a_lost_answer_named_also_from_review(installation: Installation) -> None:
    port = pick_port()
    installation.settings |= {"SUBMIT_TIMEOUT_SECONDS": "3", "PUBLIC_URL": f"http://127.0.0.1:{port}"}
    lost = "[sim:submit=hang-up-after,times=1]"
    early, late = await installation.submit(
        [f"a whale {lost}", f"a shark {lost} [sim:webhook=late,seconds=9]"], kind="google_omni"
    )
    installation.start_web(port)
    installation.start_worker()

    async def given_up() -> bool:
        return "review" in [event["type"] for event in await installation.timeline(late)]

    await until(given_up, 120, "a video that a person is to decide about")

    async def completed() -> bool:
        return await installation.states() == {"completed": 2}

    await until(completed, 120, "both videos")
    assert len(installation.paid()) == 2
    assert (await installation.job(early))["attempt"] == (await installation.job(late))["attempt"] == 1
    assert "adopted_id" in [event["type"] for event in await installation.timeline(late)]
