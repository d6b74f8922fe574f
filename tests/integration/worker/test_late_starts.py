"""A start that is late is counted where it leaves, or gives its slot back."""

from typing import Any

from db import work
from tests.integration.worker.conftest import claimed
from tests.stack.installation import Installation
from tests.stack.waiting import until
from worker.clock import boottime
from worker.process import Process

_SUBMISSION = "SELECT intent_at, outcome, counted FROM reelwork.submissions WHERE job_id = $1"
_AGE = "UPDATE reelwork.submissions SET intent_at = intent_at - make_interval(secs => $1)"


async def _started(installation: Installation, process: Process, *, late_s: float) -> tuple[Any, Any]:
    """The submission of a video whose start was claimed that long ago: as it was then, and when it was answered."""
    job_id = await claimed(installation, process)
    await installation.pool.execute(_AGE, late_s)
    before = await installation.pool.fetchrow(_SUBMISSION, job_id)
    items = await work.items(installation.pool, [job_id], process.me.id)
    process.runner.start(items, boottime() - late_s)

    async def answered() -> Any:
        row = await installation.pool.fetchrow(_SUBMISSION, job_id)
        return row if row["outcome"] else None

    return before, await until(answered, 60, "the outcome of the start")


async def test_a_late_start_is_stamped_with_the_time_at_which_it_leaves(
    installation: Installation, process: Process
) -> None:
    before, after = await _started(installation, process, late_s=3)

    assert (after["outcome"], after["counted"]) == ("accepted", True)
    assert (after["intent_at"] - before["intent_at"]).total_seconds() >= 3
    assert len(installation.paid()) == 1


async def test_a_start_later_than_any_window_bears_gives_its_slot_back_and_lets_no_wait_grow(
    installation: Installation, process: Process
) -> None:
    _, after = await _started(installation, process, late_s=7)

    assert (after["outcome"], after["counted"]) == ("not_sent", False)
    assert installation.paid() == []
    row = await installation.pool.fetchrow("SELECT state, refusals FROM reelwork.video_jobs")
    assert (row["state"], row["refusals"]) == ("queued", 0)
