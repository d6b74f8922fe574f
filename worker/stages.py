"""What every step has in common: telling of a transition, and ending a job."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from loguru import logger

from db import retry, steering, transitions
from db.states import JobState
from db.transitions import Ending, Hold
from db.work import WorkItem
from worker.tools import Tools

ATTEMPTS_MOST = 3
"""How often a video is submitted without a person asking for it."""


def hold(item: WorkItem) -> Hold:
    return Hold(item.id, item.epoch)


def log_of(item: WorkItem, action: str) -> Any:
    """A logger that names the job, where it stands, and the request that asked for it."""
    return logger.bind(
        job_id=str(item.id),
        provider=item.kind,
        stage=item.state,
        attempt=item.attempt,
        action=action,
        epoch=item.epoch,
        request_id=item.trace_id,
    )


def log_transition(item: WorkItem, state: str, **told: Any) -> None:
    """The one line of a transition: from which state to which, and what else there is to tell."""
    log_of(replace(item, state=state), "transition").bind(**told).info("{} -> {}", item.state, state)


def _count(tools: Tools, item: WorkItem, state: str) -> None:
    tools.meters.add("reelwork_transitions_total", kind=item.kind, left=item.state, reached=state)


async def moved(tools: Tools, item: WorkItem, taken: bool, state: JobState, **changes: Any) -> WorkItem | None:
    """After a step: the item in its new state, or what the row really says where the write matched nothing."""
    if not taken:
        return await retry.until_done(lambda: tools.reread(item))
    if state != item.state:
        log_transition(item, state)
        _count(tools, item, state)
    await tools.channels.changed(item.id, stage=state)
    return replace(item, state=state, **changes)


async def left(tools: Tools, item: WorkItem, taken: bool, state: JobState, **told: Any) -> WorkItem | None:
    """After a step that lets go of the job: None, or what the row really says where the write matched nothing."""
    if not taken:
        return await retry.until_done(lambda: tools.reread(item))
    log_transition(item, state, **told)
    _count(tools, item, state)
    await tools.channels.changed(item.id, stage=state)
    tools.poke(item.lane_id)
    return None


def is_free_on_loss(tools: Tools, item: WorkItem) -> bool:
    """Whether the server charges nothing for a video that it lost."""
    return item.billing == "free_on_loss" or tools.provider(item).abilities(tools.account(item)).free_on_loss


async def end(tools: Tools, item: WorkItem, ending: Ending) -> WorkItem | None:
    """Fail or cancel the job, with its ledger line."""
    taken = await tools.facts.record(lambda: transitions.end(tools.pool, hold(item), ending))
    return await left(tools, item, taken, ending.state, code=ending.code, reason=ending.message)


async def cancel_if_asked(tools: Tools, job_id: UUID) -> None:
    """A job that went back to the queue while somebody asked for its end is cancelled there."""
    await retry.until_done(lambda: steering.cancel_requeued(tools.pool, job_id))
