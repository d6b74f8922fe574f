"""A person's second try. It goes on where the money is: collect again, wait again, or pay for a new submission."""

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from app.creating import over_budget
from app.deps import Deps
from app.problems import Problem
from db import ledger, steering
from db.connection import transaction
from db.ledger import OverBudget
from db.reads import SeenJob
from db.retry import contended
from db.states import JobState
from db.tables import VideoJob

COPY_GONE = frozenset({"asset_expired", "provider_lost"})
"""Codes of failures after which the provider has nothing left to collect or to wait for."""

TIMED_OUT = "generation_timeout"


@dataclass(frozen=True, slots=True)
class Retry:
    """Where a failed video goes on: `collecting` and `generating` cost nothing, `queued` is paid for anew."""

    state: JobState

    @property
    def is_paid(self) -> bool:
        return self.state is JobState.QUEUED


def decide(row: VideoJob) -> Retry:
    """What a retry of this failed row would be."""
    if row.result and row.error_code not in COPY_GONE:
        return Retry(JobState.COLLECTING)
    if row.provider_job_id and row.error_code == TIMED_OUT:
        return Retry(JobState.GENERATING)
    return Retry(JobState.QUEUED)


async def retry(deps: Deps, seen: SeenJob | None) -> Retry:
    """Take a failed video up again. Raises Problem: 404 where it is not there or not failed, 402 over budget."""
    if seen is None or seen.row.state != JobState.FAILED:
        raise not_retryable()
    chosen = decide(seen.row)
    patience = deps.policy.stall.generation_timeout
    if chosen.is_paid:
        taken = await resubmit(deps, seen.row, JobState.FAILED, "retried")
    else:
        taken = await contended(lambda: _resume(deps, seen.row.id, chosen.state, patience))
    if not taken:
        raise not_retryable()
    await deps.bell.ring([seen.row.lane_id])
    await deps.bell.look_at(seen.row.id)
    return chosen


async def resubmit(deps: Deps, row: VideoJob, from_state: JobState, event: str) -> bool:
    """A new attempt with a reserve of its own, told as `event` in the timeline; False where the row has moved on.

    Raises Problem (402).
    """
    try:
        return await contended(lambda: _resubmitted(deps, row, from_state, event))
    except OverBudget as error:
        raise over_budget(error) from error


def not_retryable() -> Problem:
    """404, as for an id that is not there."""
    return Problem(HTTPStatus.NOT_FOUND, "not_retryable", "There is no failed video with this id")


async def _resume(deps: Deps, job_id: UUID, state: JobState, patience: timedelta) -> bool:
    return await steering.retry_where_the_money_is(deps.pool, job_id, state, patience)


async def _resubmitted(deps: Deps, row: VideoJob, from_state: JobState, event: str) -> bool:
    async with transaction(deps.pool) as conn:
        await ledger.check_budget(conn, row.estimate_micros, ledger.utc_day(), deps.policy.budget_micros)
        return await steering.retry_submission(conn, row.id, from_state, event)
