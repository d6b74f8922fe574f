"""The life of one video in this process: submit, wait, collect, each resumed from the row alone."""

from db.states import JobState
from db.work import WorkItem
from observing.spans import span
from worker.clock import boottime
from worker.held import Held
from worker.steps.collect import collect
from worker.steps.recover import recover
from worker.steps.submit import submit
from worker.steps.wait import wait
from worker.steps.watch_output import watch_output
from worker.tools import Tools

_STAGE = "reelwork_stage_duration_seconds"


async def run_video(tools: Tools, item: WorkItem, held: Held, claimed_at: float | None) -> None:
    """Take the video from where its row stands to its end, or until it leaves our hands.

    `claimed_at` (boottime, from before the claim) is given for a video that this process has just claimed: only then,
    and only once, may its submission be sent. Whatever else is found in `submitting` is recovered.
    """
    here: WorkItem | None = item
    if claimed_at is not None and _is_fresh(item):
        waited = item.read_at - (item.run_at or item.created_at)
        tools.meters.observe(_STAGE, waited.total_seconds(), kind=item.kind, stage=JobState.QUEUED)
        with span("submit", item.id, attempt=item.attempt, kind=item.kind):
            here = await tools.facts.see_through(submit(tools, item, held, claimed_at))
        tools.meters.observe(_STAGE, boottime() - claimed_at, kind=item.kind, stage=JobState.SUBMITTING)
    held.sent()
    while here is not None:
        held.stage = here.state
        stage, begun_at = here.state, boottime()
        with span(stage, item.id, attempt=here.attempt, kind=item.kind):
            here = await _step(tools, here, held)
        tools.meters.observe(_STAGE, boottime() - begun_at, kind=item.kind, stage=stage)


def _is_fresh(item: WorkItem) -> bool:
    return item.state == JobState.SUBMITTING and item.outcome is None and item.submission_epoch == item.epoch


async def _step(tools: Tools, item: WorkItem, held: Held) -> WorkItem | None:
    match item.state:
        case JobState.SUBMITTING:
            return await recover(tools, item, held)
        case JobState.GENERATING if item.provider_job_id is None:
            return await watch_output(tools, item, held)
        case JobState.GENERATING:
            return await wait(tools, item, held)
        case JobState.COLLECTING:
            return await collect(tools, item, held)
        case _:
            return None
