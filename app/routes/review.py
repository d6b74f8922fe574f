"""Videos whose submission nobody can account for, and what a person decides about them."""

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app import views
from app.answers.operators import Resolved
from app.answers.videos import ReviewedVideo, ReviewList
from app.bodies import ResolveBody
from app.calls import Call, guarded
from app.resolving import resolve
from app.scopes import Scope
from app.validation import number, read_body
from db import reads
from db.reads import Filter
from db.states import JobState

_USUAL, _MOST = 50, 200


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/admin/review", "GET", Scope.OBSERVE, listed),
        guarded("/api/admin/jobs/{job_id}/resolve", "POST", Scope.OPERATE, decide),
    ]


async def listed(call: Call) -> Response:
    """What waits for a decision, newest first; `reviewAt` is since when."""
    limit = number(call.request, "limit", _USUAL, _MOST)
    found = await reads.page(call.deps.pool, Filter(states=(JobState.NEEDS_REVIEW,)), limit)
    jobs: list[ReviewedVideo] = [
        {**await views.video(seen, call.deps.links, call.server_url), "reviewAt": views.moment(seen.row.review_at)}
        for seen in found
    ]
    return JSONResponse(ReviewList(jobs=jobs))


async def decide(call: Call) -> Response:
    """Submit again (may pay twice), adopt an id that the provider shows, or give up."""
    job_id = call.job_id()
    body = await read_body(call.request, ResolveBody)

    def told(state: JobState) -> Response:
        return JSONResponse(Resolved(jobId=str(job_id), status=views.status_of(state), stage=state))

    return await resolve(call, job_id, body, told)
