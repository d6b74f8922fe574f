"""One action on some jobs or on all that match: first what it would do and cost, then piece by piece."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.admin.searching import FilterBody, search_of
from app.answers.dashboard import Forecast, Piece, Refused
from app.bodies import Body
from app.calls import Call, guarded
from app.cancelling import cancel
from app.cursors import cursor, position
from app.money import usd
from app.problems import Problem
from app.removing import has_ended, remove
from app.retrying import COPY_GONE, TIMED_OUT, retry
from app.scopes import Scope
from app.validation import read_body
from app.writing import written
from db import audit, job_search, steering
from db.connection import Executor
from db.job_search import Search, Tally
from db.states import ENDED, JobState

_PIECE = 100
"""Jobs a call: a piece ends well before the call's time is over."""

_PAID = (JobState.GENERATING, JobState.COLLECTING, JobState.NEEDS_REVIEW)
_TAKES = {
    "retry": (JobState.FAILED,),
    "cancel": (JobState.QUEUED, JobState.SUBMITTING),
    "reprioritise": (JobState.QUEUED,),
    "delete": ENDED,
}
_REPEATED = JSONResponse({})


class BulkBody(Body):
    """`ids` or `filter`; `after` goes on where the piece before ended."""

    action: Literal["retry", "cancel", "reprioritise", "delete"]
    ids: Annotated[list[UUID], Field(min_length=1, max_length=1000)] | None = None
    filter: FilterBody | None = None
    priority: Annotated[int, Field(ge=0, le=4)] | None = None
    discard: bool = False
    dry_run: bool = False
    after: str | None = None

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        if (self.ids is None) == (self.filter is None):
            raise ValueError("name ids or a filter, and not both")
        if (self.action == "reprioritise") != (self.priority is not None):
            raise ValueError("priority belongs to action reprioritise, and only to it")
        return self


def routes() -> list[BaseRoute]:
    return [guarded("/api/admin/jobs/bulk", "POST", Scope.OPERATE, act)]


async def act(call: Call) -> Response:
    """With `dryRun` only what would be done; else the next piece, with `nextAfter` until nothing is left."""
    body = await read_body(call.request, BulkBody)
    search = Search(ids=body.ids) if body.filter is None else search_of(body.filter)
    if body.dry_run:
        found = await job_search.tally(call.deps.pool, search, list(COPY_GONE), TIMED_OUT)
        return JSONResponse(_forecast(body, found))
    if search.states is None or set(search.states) & set(_states(body)):
        wanted = [state for state in _states(body) if search.states is None or state in search.states]
        return await _piece(call, body, replace(search, states=wanted))
    return JSONResponse(Piece(done=[], refused=[], refusedBy={}, nextAfter=None))


def _states(body: BulkBody) -> tuple[JobState, ...]:
    """The states that the action takes up. Running videos are tried, too: some providers can stop them."""
    return (*_TAKES["cancel"], *_PAID) if body.action == "cancel" else _TAKES[body.action]


def _forecast(body: BulkBody, found: Sequence[Tally]) -> Forecast:
    taken = [one for one in found if one.state in _states(body)]
    running = sum(one.jobs for one in taken if body.action == "cancel" and one.state in _PAID)
    return {
        "matched": sum(one.jobs for one in found),
        "affected": sum(one.jobs for one in taken),
        "byStage": {one.state: one.jobs for one in found},
        "paidRetries": sum(one.paid_retries for one in taken),
        "costUsd": usd(sum(one.retry_micros for one in taken)) if body.action == "retry" else 0.0,
        "alreadyPaid": running,
        "alreadyPaidUsd": usd(sum(one.estimate_micros for one in taken if running and one.state in _PAID)),
        "bytes": sum(one.bytes for one in taken) if body.action == "delete" else 0,
    }


async def _piece(call: Call, body: BulkBody, search: Search) -> Response:
    after = position(body.after, "after") if body.after else None
    found = await job_search.ids(call.deps.pool, search, after, _PIECE + 1)
    piece, refused = found[:_PIECE], list[Refused]()
    for row in piece:
        try:
            await _one(replace(call, once=None, entry=None), body, row["id"])
        except Problem as problem:
            refused.append({"jobId": str(row["id"]), "code": problem.code, "message": problem.detail})
    kept_out = {one["jobId"] for one in refused}
    done = [str(row["id"]) for row in piece if str(row["id"]) not in kept_out]
    following = cursor(piece[-1]["created_at"], piece[-1]["id"]) if len(found) > _PIECE else None

    async def noting(conn: Executor) -> Response:
        if call.entry and done:
            await audit.note(conn, call.entry, done)
        codes = Counter(one["code"] for one in refused)
        return JSONResponse(Piece(done=done, refused=refused, refusedBy=codes, nextAfter=following))

    return await written(replace(call, entry=None), noting)


async def _one(call: Call, body: BulkBody, job_id: UUID) -> None:
    match body.action:
        case "retry":
            await retry(call, job_id, lambda chosen, row: _REPEATED)
        case "cancel":
            await cancel(call, job_id, lambda cancelled: _REPEATED, discard=body.discard)
        case "reprioritise":
            await written(call, lambda conn: _reprioritise(conn, job_id, body.priority or 0))
        case "delete":
            if await has_ended(call.deps, job_id, None):
                await remove(call, job_id, _REPEATED)


async def _reprioritise(conn: Executor, job_id: UUID, priority: int) -> Response:
    await steering.reprioritise(conn, job_id, priority)
    return _REPEATED
