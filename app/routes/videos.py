"""One video: ask for it, look at it, change its turn, end it, remove it."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from uuid import UUID

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app import views
from app.answers.videos import Accepted, CancelAsked, Ended, Prioritised, Timeline
from app.bodies import PriorityBody, VideoBody, WishBody
from app.calls import Call, guarded
from app.cancelling import Cancelled, cancel
from app.creating import accept_all, taken
from app.drafts import body_hash, draft_of
from app.inputs import InputLoader
from app.problems import Problem, invalid, not_found
from app.provider_keys import key_in
from app.removing import has_ended, remove
from app.scopes import Scope
from app.sdk_tries import named_by
from app.validation import LARGE_BODY, check, flag, read_body, read_object
from app.writing import written
from db import reads, steering
from db.accept import IdTaken, existing
from db.connection import Executor
from db.reads import SeenJob
from db.states import JobState
from db.tables import VideoJob


def routes() -> list[BaseRoute]:
    path = "/api/video/{job_id}"
    return [
        guarded("/api/video/generate", "POST", Scope.GENERATE, generate, creates=True),
        guarded(path, "GET", Scope.READ, show),
        guarded(path, "PATCH", Scope.GENERATE, reprioritise),
        guarded(path, "DELETE", Scope.GENERATE, delete),
        guarded(f"{path}/events", "GET", Scope.READ, events),
        guarded(f"{path}/cancel", "POST", Scope.GENERATE, end),
    ]


async def generate(call: Call) -> Response:
    """202 once the video is in Postgres; a repeat with the caller's own job id answers as the first one did."""
    body, errors = check(await read_object(call.request, LARGE_BODY), VideoBody)
    if body is None:
        raise invalid(errors)
    known = await repeat_of(call, body)
    if known is not None:
        return _accepted(views.repeated(known))
    draft = await draft_of(call.deps, body, partial(key_in, call.request), InputLoader(call))

    async def answer(conn: Executor, before: Mapping[UUID, VideoJob]) -> Response:
        return _accepted(views.accepted(draft, before.get(draft.id)))

    return await accept_all(call, [draft], answer)


async def repeat_of(call: Call, body: WishBody) -> VideoJob | None:
    """The row of an earlier create with the same job id and body. Raises Problem (409) for another body."""
    if body.job_id is None:
        return None
    try:
        found = await existing(call.deps.pool, call.principal.client_id, {body.job_id: body_hash(body)})
    except IdTaken as error:
        raise taken(error.job_id) from error
    return found.get(body.job_id)


async def seen_by(call: Call) -> SeenJob:
    """The job of the path, if the caller may see it. Raises Problem (404)."""
    seen = await reads.job(call.deps.pool, call.job_id(), call.principal.visible_client)
    if seen is None or seen.row.state == JobState.DELETING:
        raise not_found("video")
    await named_by(call, seen)
    return seen


async def show(call: Call) -> Response:
    seen = await seen_by(call)
    return JSONResponse(await views.video(seen, call.deps.links, call.server_url))


async def events(call: Call) -> Response:
    """The timeline, oldest first."""
    seen = await seen_by(call)
    lines = await reads.events(call.deps.pool, seen.row.id)
    return JSONResponse(Timeline(jobId=str(seen.row.id), events=[views.event(line) for line in lines]))


async def reprioritise(call: Call) -> Response:
    """Only a queued video has a turn that can change."""
    job_id = (await seen_by(call)).row.id
    body = await read_body(call.request, PriorityBody)

    async def reprioritising(conn: Executor) -> Response:
        if not await steering.reprioritise(conn, job_id, body.priority):
            raise Problem(HTTPStatus.CONFLICT, "not_queued", "Only a queued video has a priority that can change")
        return JSONResponse(Prioritised(jobId=str(job_id), priority=body.priority))

    return await written(call, reprioritising)


async def end(call: Call) -> Response:
    """Never removes; see `app.cancelling`."""
    discard = flag(call.request, "discard")
    job_id = (await seen_by(call)).row.id
    return await cancel(call, job_id, _told, discard=discard)


async def delete(call: Call) -> Response:
    """Removes what has ended with its files; what has not, it cancels."""
    job_id = call.job_id()
    if not await has_ended(call.deps, job_id, call.principal.visible_client):
        return await cancel(call, job_id, _told, discard=flag(call.request, "discard"))
    return await remove(call, job_id, JSONResponse(Ended(jobId=str(job_id), status="deleted")))


def _accepted(answer: Accepted) -> Response:
    return JSONResponse(answer, HTTPStatus.ACCEPTED, headers={"Location": answer["statusUrl"]})


def _told(cancelled: Cancelled) -> Response:
    job_id = str(cancelled.job_id)
    if cancelled.done:
        return JSONResponse(Ended(jobId=job_id, status="cancelled"))
    asked = CancelAsked(jobId=job_id, status=views.PROCESSING, cancelRequested=True)
    return JSONResponse(asked, HTTPStatus.ACCEPTED)
