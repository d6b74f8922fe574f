"""Erasures are carried to their end, by whichever process, and end no paid video outside the books."""

from uuid import UUID

import pytest

from db import claims, clients, erasures
from db.connection import transaction
from db.erasures import Subject
from db.tables.accounts import DEFAULT_CLIENT
from tests.integration.app.rows import move
from tests.stack.installation import Installation
from worker.process import Process

WHO = Subject(DEFAULT_CLIENT, "anna")


async def begun(installation: Installation) -> None:
    async with transaction(installation.pool) as conn:
        await clients.lock(conn, WHO.client_id)
        assert await erasures.begin(conn, WHO)


async def rounds(installation: Installation, process: Process, count: int = 1) -> int:
    """Rounds of the loop, each as if the last one's pause were over; returns how many erasures they finished."""
    done = 0
    for _ in range(count):
        await installation.pool.execute("UPDATE reelwork.erasures SET next_at = now()")
        done += await process.erasing.run_once()
    return done


async def lines(installation: Installation, job_id: UUID) -> list[tuple[str, int]]:
    rows = await installation.pool.fetch(
        "SELECT entry, delta_micros FROM reelwork.ledger WHERE job_id = $1 ORDER BY id", job_id
    )
    return [(row["entry"], row["delta_micros"]) for row in rows]


async def test_a_queued_video_is_cancelled_for_nothing_and_gone(installation: Installation, process: Process) -> None:
    (job_id,) = await installation.submit(["of Anna"], end_user_id="anna")
    (other,) = await installation.submit(["of Ben"], end_user_id="ben")
    await begun(installation)

    assert await rounds(installation, process) == 1
    assert await installation.states() == {"queued": 1}
    assert (await installation.job(other))["prompt"] == "of Ben"
    assert [entry for entry, _ in await lines(installation, job_id)] == ["reserve", "release"]
    assert sum(delta for _, delta in await lines(installation, job_id)) == 0


@pytest.mark.parametrize("state", ["submitting", "generating"])
async def test_what_a_worker_holds_is_only_asked_to_end(
    installation: Installation, process: Process, state: str
) -> None:
    (job_id,) = await installation.submit(["of Anna"], end_user_id="anna")
    lane_id = (await installation.job(job_id))["lane_id"]
    await claims.claim(installation.pool, lane_id, process.me.id, 1, process.policies.lanes)
    await installation.pool.execute("UPDATE reelwork.video_jobs SET state = $1", state)
    await begun(installation)

    assert await rounds(installation, process, 3) == 0
    row = await installation.job(job_id)
    assert (row["state"], row["owner"], row["prompt"]) == (state, process.me.id, "of Anna")
    assert (row["cancel_requested_at"] is not None, row["discard"]) == (True, True)
    told = [event["type"] for event in await installation.timeline(job_id)]
    assert told.count("cancel_requested") == 1
    assert [entry for entry, _ in await lines(installation, job_id)] == ["reserve"]

    await installation.pool.execute(
        "UPDATE reelwork.video_jobs SET state = 'cancelled', owner = NULL, completed_at = now()"
    )
    assert await rounds(installation, process) == 1
    assert await installation.states() == {}


async def test_what_waits_for_a_person_is_settled_as_spent(installation: Installation, process: Process) -> None:
    (job_id,) = await installation.submit(["of Anna"], end_user_id="anna")
    await move(installation.pool, str(job_id), "needs_review")
    await begun(installation)

    assert await rounds(installation, process) == 1
    assert [entry for entry, _ in await lines(installation, job_id)] == ["reserve", "settle"]


async def test_a_row_whose_copy_is_still_at_the_provider_stays_without_text(
    installation: Installation, process: Process
) -> None:
    (job_id,) = await installation.submit(["of Anna"], end_user_id="anna", caller_metadata={"name": "Anna"})
    await move(installation.pool, str(job_id), "completed", provider_job_id="video_1")
    await installation.pool.execute("UPDATE reelwork.submissions SET outcome = 'accepted', error_message = 'Anna'")
    await begun(installation)

    assert await rounds(installation, process) == 0
    row = await installation.job(job_id)
    assert (row["state"], row["prompt"], row["caller_metadata"]) == ("deleting", "", None)
    assert row["copy_due_at"] is not None
    assert await installation.timeline(job_id) == []
    fact = await installation.pool.fetchrow("SELECT error_message, fingerprint FROM reelwork.submissions")
    assert tuple(fact) == (None, b"")

    await process.copies.run_once()
    assert await rounds(installation, process) == 1
    assert await installation.states() == {}


async def test_an_erasure_that_was_cut_off_goes_on_where_it_was(installation: Installation, process: Process) -> None:
    job_ids = sorted(await installation.submit(["of Anna", "of Anna too"], end_user_id="anna"))
    for job_id in job_ids:
        await move(installation.pool, str(job_id), "failed")
    file = installation.videos / str(job_ids[0]) / "1" / "video.mp4"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"of Anna")
    await begun(installation)
    async with transaction(installation.pool) as conn:
        assert await erasures.remove_texts(conn, WHO, 1) == 1
    assert await installation.states() == {"deleting": 1, "failed": 1}

    assert await rounds(installation, process) == 1
    assert await installation.states() == {}
    assert not file.exists()
    assert await installation.pool.fetchval("SELECT count(*) FROM reelwork.erasures") == 0


async def test_what_is_asked_for_after_the_erasure_stays(installation: Installation, process: Process) -> None:
    await installation.submit(["of Anna"], end_user_id="anna")
    await begun(installation)
    (later,) = await installation.submit(["of Anna, back again"], end_user_id="anna")

    assert await rounds(installation, process) == 1
    assert (await installation.job(later))["state"] == "queued"


async def test_what_was_cancelled_while_it_was_stored_waits_until_nobody_stores_it(
    installation: Installation, process: Process
) -> None:
    (job_id,) = await installation.submit(["of Anna"], end_user_id="anna")
    await move(installation.pool, str(job_id), "collecting", result={"urls": []})
    await begun(installation)

    assert await rounds(installation, process, 2) == 0
    assert (await installation.job(job_id))["state"] == "cancelled"

    await installation.pool.execute("UPDATE reelwork.video_jobs SET completed_at = now() - interval '2 minutes'")
    assert await rounds(installation, process) == 0
    assert (await installation.job(job_id))["state"] == "deleting"
