"""Ends a video that has not ended: at once where nothing is paid, by its owner where that has to be learned first."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from starlette.responses import Response

from app.calls import Call
from app.deps import Deps
from app.problems import Problem, not_found, unavailable
from app.writing import written
from db import reads, steering
from db.connection import Executor
from db.states import ENDED, JobState
from db.tables import VideoJob
from providers.base import Account

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Cancelled:
    """`done`: it has ended. Otherwise its owner was asked, and ends it once it knows what became of the submission."""

    job_id: UUID
    done: bool


async def cancel(call: Call, job_id: UUID, told: Callable[[Cancelled], Response], *, discard: bool) -> Response:
    """Cancel a video that the caller may see, and answer as `told` says it.

    Raises Problem: 404, 409 `already_ended`, 409 `already_paid`. `discard` ends also what is paid for and cannot be
    stopped; its cost stays.
    """

    async def cancelling(conn: Executor) -> Response:
        return told(await _cancelled(conn, call, job_id, discard=discard))

    response = await written(call, cancelling)
    await call.deps.bell.look_at(job_id)
    return response


async def _cancelled(conn: Executor, call: Call, job_id: UUID, *, discard: bool) -> Cancelled:
    for _ in range(_TRIES):
        seen = await reads.job(conn, job_id, call.principal.visible_client)
        if seen is None or seen.row.state == JobState.DELETING:
            raise not_found("video")
        done = await _tried(conn, call.deps, seen.row, discard=discard)
        if done is not None:
            return Cancelled(job_id, done)
    raise unavailable("The video changes faster than it can be cancelled", retry_after_s=1)


async def _tried(conn: Executor, deps: Deps, row: VideoJob, *, discard: bool) -> bool | None:
    """True: ended; False: asked; None: the row moved on meanwhile, look again."""
    match row.state:
        case JobState.QUEUED:
            return await steering.cancel_now(conn, row.id, discard=False) or None
        case JobState.SUBMITTING:
            return await _ask(conn, row.id, JobState.SUBMITTING, discard=discard)
        case JobState.GENERATING if _can_stop(deps, row):
            return await _ask(conn, row.id, JobState.GENERATING, discard=discard)
        case state if state in ENDED:
            detail = f"The video has already ended: it is {row.state}"
            raise Problem(HTTPStatus.CONFLICT, "already_ended", detail, extra={"stage": row.state})
    if not discard:
        raise _paid(row)
    return await steering.cancel_now(conn, row.id, discard=True) or None


async def _ask(conn: Executor, job_id: UUID, state: JobState, *, discard: bool) -> bool | None:
    return False if await steering.ask_cancel(conn, job_id, (state,), discard=discard) else None


def _can_stop(deps: Deps, row: VideoJob) -> bool:
    """Whether this row's provider stops a running video when asked."""
    account = Account(row.kind, base_url="", secret="", server=row.server)
    return deps.providers[row.kind].abilities(account).can_cancel


def _paid(row: VideoJob) -> Problem:
    fact = "may already be paid for" if row.state == JobState.NEEDS_REVIEW else "is already paid for"
    detail = f"The video {fact} and cannot be stopped at its provider; ?discard=true ends it all the same"
    return Problem(HTTPStatus.CONFLICT, "already_paid", detail, extra={"stage": row.state})
