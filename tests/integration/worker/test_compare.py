"""Rows and coroutines are compared without mistaking what is just being claimed for what nobody runs."""

from tests.integration.worker.conftest import claimed
from tests.stack.installation import Installation
from worker.process import Process

_EPOCH = "SELECT epoch FROM reelwork.video_jobs WHERE id = $1"


async def test_a_row_that_a_claim_under_way_has_taken_is_left_to_it(
    installation: Installation, process: Process
) -> None:
    with process.runner.taking():
        job_id = await claimed(installation, process)
        await process.rescuer.compare()
        await process.rescuer.compare()
        await process.rescuer.compare()

    assert await installation.pool.fetchval(_EPOCH, job_id) == 1
    assert process.runner.in_flight == 0


async def test_a_row_of_ours_that_nothing_runs_is_run_again_at_the_second_look(
    installation: Installation, process: Process
) -> None:
    job_id = await claimed(installation, process)

    await process.rescuer.compare()
    first = await installation.pool.fetchval(_EPOCH, job_id)
    await process.rescuer.compare()
    second = await installation.pool.fetchval(_EPOCH, job_id)

    assert (first, second) == (1, 2)
    assert list(process.runner.held()) == [job_id]
