"""A submission whose answer was lost is never paid for twice on a guess."""

from functools import partial

import httpx
import pytest

from db import steering
from db.states import JobState
from tests.stack.installation import PRICE_MICROS, Installation
from tests.stack.waiting import until


async def _no_copy_left(installation: Installation) -> bool:
    """Whether the provider's listing is empty, and no row says otherwise."""
    async with httpx.AsyncClient(headers={"Authorization": "Bearer sim-openai"}) as client:
        listed = (await client.get(f"{installation.simulator.openai_base_url}/videos")).json()["data"]
    pending = await installation.pool.fetchval("SELECT count(*) FROM reelwork.video_jobs WHERE copy_due_at IS NOT NULL")
    return not listed and not pending


async def test_a_video_accepted_without_an_answer_is_found_in_the_listing(installation: Installation) -> None:
    installation.quick_listing()
    await installation.submit(["a lost cat [sim:submit=hang-up-after]"])
    installation.start_worker()

    assert await installation.all_ended(150) == {"completed": 1}, installation.logs()
    assert len(installation.paid()) == 1


async def test_identical_requests_whose_answers_were_lost_are_each_adopted_once(installation: Installation) -> None:
    installation.quick_listing()
    await installation.submit(["twins [sim:submit=500-after]"] * 3)
    installation.start_worker()

    assert await installation.all_ended(150) == {"completed": 3}, installation.logs()
    assert len(installation.paid()) == 3
    ids = await installation.pool.fetch("SELECT DISTINCT provider_job_id FROM reelwork.video_jobs")
    assert len(ids) == 3


async def test_a_submission_proven_absent_is_sent_again(installation: Installation) -> None:
    installation.quick_listing()
    installation.simulator.add_fault("submit=hang-up,times=1,prompt=first")
    await installation.submit(["first cat"])
    installation.start_worker()
    await installation.submit(["second cat", "third cat"])

    assert await installation.all_ended(150) == {"completed": 3}, installation.logs()
    assert sorted(installation.paid()) == ["first cat", "second cat", "third cat"]
    await until(partial(_no_copy_left, installation), 60, "the removal of the provider's copies")


async def test_where_nobody_can_be_asked_a_person_decides(installation: Installation) -> None:
    installation.settings["SUBMIT_TIMEOUT_SECONDS"] = "3"
    await installation.submit(["a lost whale [sim:submit=500-after]"], kind="google_omni")
    installation.start_worker()

    assert await installation.all_ended(150) == {"needs_review": 1}, installation.logs()
    assert len(installation.paid()) == 1
    reserved = await installation.pool.fetchval("SELECT sum(delta_micros)::bigint FROM reelwork.ledger")
    assert reserved == PRICE_MICROS


@pytest.mark.parametrize("kind", ["openai_videos", "google_omni"])
async def test_a_discard_that_came_while_the_outcome_was_open_is_carried_out_once_it_is_known(
    installation: Installation, kind: str
) -> None:
    installation.quick_listing()
    (job_id,) = await installation.submit(["a lost cat [sim:submit=hang-up-after] [sim:stuck]"], kind=kind)
    installation.start_worker()

    async def asked() -> bool:
        return await steering.ask_cancel(installation.pool, job_id, (JobState.SUBMITTING,), discard=True)

    await until(asked, 90, "a submission under way")

    assert await installation.all_ended(150) == {"cancelled": 1}, installation.logs()
    row = await installation.pool.fetchrow("SELECT sum(delta_micros)::bigint AS spent FROM reelwork.ledger")
    assert (len(installation.paid()), row["spent"]) == (1, PRICE_MICROS)
