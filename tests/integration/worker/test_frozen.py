"""Workers that freeze, or lose Postgres alone: others take over, and who comes back spoils nothing and forgets nothing.

Leases are short here, so that freezing for some seconds stands for freezing for minutes.
"""

import signal
import subprocess
from typing import Any
from uuid import UUID

import pytest

from tests.stack.installation import Installation
from tests.stack.link import Link, linked
from tests.stack.waiting import until

_SHORT_LEASE = {"LEASE_SECONDS": "3", "HEARTBEAT_SECONDS": "1"}
_GENERATING = "a cat that takes a while [sim:takes=12]"
_COLLECTING = "a large cat [sim:bytes=400000] [sim:content=drip,bytes_per_s=60000]"
_ANSWERED_LATE = "a cat without a listing [sim:submit=slow-after,window=6] [sim:unlisted]"

_TIMELINE = """
SELECT j.prompt, array_agg(e.type ORDER BY e.id) FILTER (WHERE e.type <> 'progress') AS told
FROM reelwork.video_jobs j JOIN reelwork.job_events e ON e.job_id = j.id GROUP BY j.prompt
"""
_STAGES = "SELECT prompt, state FROM reelwork.video_jobs WHERE owner IS NOT NULL"
_OWNERS = "SELECT DISTINCT owner FROM reelwork.video_jobs WHERE owner IS NOT NULL"
_LIVING = "SELECT count(*) FROM reelwork.workers WHERE ended_at IS NULL AND beat > now() - interval '3 seconds'"
_SUBMISSIONS = "SELECT outcome, intent_at FROM reelwork.submissions ORDER BY intent_at"

pytestmark = pytest.mark.usefixtures("short_lease")


@pytest.fixture
def short_lease(installation: Installation) -> None:
    installation.settings |= _SHORT_LEASE


async def _at_every_stage(installation: Installation) -> UUID:
    """One video in the middle of its paid call, one generating, one in transfer, all with one worker; returns it."""
    await installation.submit([_GENERATING, _COLLECTING])
    await _reached(installation, {_GENERATING: "generating", _COLLECTING: "collecting"})
    await installation.submit([_ANSWERED_LATE])
    await _reached(installation, {_GENERATING: "generating", _COLLECTING: "collecting", _ANSWERED_LATE: "submitting"})
    owner: UUID = await installation.pool.fetchval(_OWNERS)
    return owner


async def _reached(installation: Installation, stages: dict[str, str]) -> None:
    async def reached() -> bool:
        found = {row["prompt"]: row["state"] for row in await installation.pool.fetch(_STAGES)}
        return found == stages and len(installation.paid()) == len(stages)

    await until(reached, 90, f"a video at every stage of {list(stages.values())}")


async def _taken_over_from(installation: Installation, owner: UUID) -> None:
    async def none_left() -> bool:
        owners = {row["owner"] for row in await installation.pool.fetch(_OWNERS)}
        return bool(owners) and owner not in owners

    await until(none_left, 90, "the takeover")


async def _living(installation: Installation, number: int) -> None:
    async def alive() -> bool:
        return int(await installation.pool.fetchval(_LIVING)) == number

    await until(alive, 90, f"{number} living workers")


async def _timelines(installation: Installation) -> dict[str, Any]:
    return {row["prompt"]: row["told"] for row in await installation.pool.fetch(_TIMELINE)}


_UNDISTURBED = {
    _GENERATING: ["created", "claimed", "submitted", "adopted", "generated", "completed"],
    _COLLECTING: ["created", "claimed", "submitted", "generated", "adopted", "completed"],
    _ANSWERED_LATE: ["created", "claimed", "adopted", "outcome_unknown", "submitted", "generated", "completed"],
}
"""One takeover each, every step once; the answer that only the lost worker heard was used."""


async def test_a_frozen_worker_is_replaced_at_every_stage_and_tells_what_it_knows_when_it_wakes(
    installation: Installation,
) -> None:
    frozen = installation.start_worker()
    owner = await _at_every_stage(installation)
    frozen.send_signal(signal.SIGSTOP)
    installation.start_worker()
    await _taken_over_from(installation, owner)
    await installation.submit(["a cat that notices nothing"])

    async def others_done() -> bool:
        return (await installation.states()).get("completed") == 3

    await until(others_done, 90, "the successor's work")
    frozen.send_signal(signal.SIGCONT)

    assert await installation.all_ended(45) == {"completed": 4}, installation.logs()
    timelines = await _timelines(installation)
    timelines.pop("a cat that notices nothing")
    assert timelines == _UNDISTURBED
    assert len(installation.paid()) == 4
    await _living(installation, 2)
    assert frozen.poll() is None


async def test_an_answer_that_comes_when_the_lease_is_known_to_be_lost_is_still_recorded(
    installation: Installation,
) -> None:
    (job,) = await installation.submit(["a cat answered last [sim:submit=slow-after,window=15] [sim:unlisted]"])
    frozen = installation.start_worker()

    async def paid() -> bool:
        return bool(installation.paid())

    await until(paid, 90, "the paid call")
    owner: UUID = await installation.pool.fetchval(_OWNERS)
    frozen.send_signal(signal.SIGSTOP)
    installation.start_worker()
    await _taken_over_from(installation, owner)
    frozen.send_signal(signal.SIGCONT)
    await _living(installation, 2)

    assert await installation.all_ended(45) == {"completed": 1}, installation.logs()
    assert len(installation.paid()) == 1
    assert not await installation.pool.fetchval("SELECT inferred FROM reelwork.submissions WHERE job_id = $1", job)


@pytest.mark.parametrize("how", ["cut", "silent"])
async def test_a_worker_that_loses_postgres_alone_is_replaced_and_tells_what_it_knows_afterwards(
    installation: Installation, how: str
) -> None:
    async with linked(installation.database_url) as link:
        cut_off = installation.start_worker(DATABASE_URL=link.url)
        owner = await _at_every_stage(installation)
        await link.cut() if how == "cut" else link.silence()
        installation.start_worker()
        await _taken_over_from(installation, owner)

        async def others_done() -> bool:
            return (await installation.states()).get("completed") == 2

        await until(others_done, 90, "the successor's work")
        await link.mend()

        assert await installation.all_ended(45) == {"completed": 3}, installation.logs()
        assert await _timelines(installation) == _UNDISTURBED
        assert len(installation.paid()) == 3
        await _living(installation, 2)
        assert cut_off.poll() is None


async def _freeze_in_a_claim(installation: Installation, link: Link, worker: "subprocess.Popen[bytes]") -> None:
    """Freeze the worker when its claim of a new video is committed and the answer has not reached it."""
    await installation.submit(["a first cat"])
    await installation.all_ended(90)
    claim = await installation.pool.fetchrow(
        "SELECT l.id AS lane, w.id AS worker FROM reelwork.lanes l, reelwork.workers w"
    )
    link.hold_answers_after(claim["lane"].bytes + b"\0\0\0\x10" + claim["worker"].bytes)
    await installation.submit(["a cat whose start is only booked"])

    async def booked() -> bool:
        return (await installation.states()).get("submitting") == 1

    await until(booked, 90, "the intent")
    worker.send_signal(signal.SIGSTOP)
    await link.mend()


async def test_a_worker_frozen_between_intent_and_call_sends_nothing_under_the_old_stamp(
    installation: Installation,
) -> None:
    async with linked(installation.database_url) as link:
        frozen = installation.start_worker(DATABASE_URL=link.url)
        await _freeze_in_a_claim(installation, link, frozen)
        await installation.pool.execute("SELECT pg_sleep(4)")
        woken_at = await installation.pool.fetchval("SELECT now()")
        frozen.send_signal(signal.SIGCONT)

        assert await installation.all_ended(90) == {"completed": 2}, installation.logs()
        *_, last = await installation.pool.fetch(_SUBMISSIONS)
        assert (last["outcome"], last["intent_at"] > woken_at) == ("accepted", True)
        assert len(installation.paid()) == 2


async def test_a_worker_frozen_inside_a_claim_stops_nobody(installation: Installation) -> None:
    installation.settings["LEASE_SECONDS"] = "60"
    async with linked(installation.database_url) as link:
        frozen = installation.start_worker(DATABASE_URL=link.url)
        await _freeze_in_a_claim(installation, link, frozen)
        await installation.submit([f"cat {number}" for number in range(5)])
        installation.start_worker()

        async def others_done() -> bool:
            return (await installation.states()) == {"submitting": 1, "completed": 6}

        await until(others_done, 90, "the others' videos")
