"""A person's second try. It goes on where the money is: collect again, wait again, or pay for a new submission."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from starlette.responses import Response

from app.budgets import over_budget, warn_of
from app.calls import Call
from app.deps import Deps
from app.problems import Problem
from app.writing import written
from db import ledger, reads, steering
from db.connection import Executor
from db.ledger import OverBudget, Reserve
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


async def retry(call: Call, job_id: UUID, told: Callable[[Retry, VideoJob], Response]) -> Response:
    """Take a failed video up again, and answer as `told` says it.

    Raises Problem: 404 where it is not there or not failed, 402 over budget.
    """
    lanes: set[UUID] = set()

    async def retrying(conn: Executor) -> Response:
        seen = await reads.job(conn, job_id, call.principal.visible_client)
        if seen is None or seen.row.state != JobState.FAILED:
            raise not_retryable()
        chosen = decide(seen.row)
        if not await _taken_up(conn, call.deps, seen.row, chosen):
            raise not_retryable()
        lanes.add(seen.row.lane_id)
        return told(chosen, seen.row)

    response = await written(call, retrying)
    await call.deps.bell.ring(lanes)
    await call.deps.bell.look_at(job_id)
    return response


async def _taken_up(conn: Executor, deps: Deps, row: VideoJob, chosen: Retry) -> bool:
    if chosen.is_paid:
        return await resubmit(conn, deps, row, JobState.FAILED, "retried")
    return await steering.retry_where_the_money_is(conn, row.id, chosen.state, deps.policy.stall.generation_timeout)


async def resubmit(conn: Executor, deps: Deps, row: VideoJob, from_state: JobState, event: str) -> bool:
    """A new attempt with a reserve of its own, told as `event` in the timeline; False where the row has moved on.

    Raises Problem (402).
    """
    reserve = Reserve(row.client_id, row.lane_id, ledger.utc_day(), row.estimate_micros)
    try:
        warn_of(await ledger.check_budgets(conn, [reserve], deps.policy.budget_micros))
    except OverBudget as error:
        raise over_budget(error) from error
    return await steering.retry_submission(conn, row.id, from_state, event)


def not_retryable() -> Problem:
    """404, as for an id that is not there."""
    return Problem(HTTPStatus.NOT_FOUND, "not_retryable", "There is no failed video with this id")
