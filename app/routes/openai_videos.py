"""OpenAI's Videos API, the same for every kind: its clients go on working whatever makes the videos."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Literal
from uuid import UUID

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.answers.openai import OpenAIVideo, OpenAIVideoDeleted, OpenAIVideoPage
from app.bodies import WishBody
from app.calls import Call, guarded
from app.cancelling import Cancelled, cancel
from app.creating import accept_all
from app.drafts import draft_of
from app.inputs import InputLoader
from app.openai import views
from app.openai.ids import job_of, video_id
from app.openai.requests import named_as_sent, read_create
from app.problems import FieldError, Problem, invalid, not_found
from app.provider_keys import key_in
from app.removing import has_ended, remove
from app.routes.videos import repeat_of, seen_by
from app.scopes import Scope
from app.sdk_tries import named_by
from app.streaming import stream_file
from app.validation import flag, number
from db import reads
from db.connection import Executor
from db.reads import NEWEST, OLDEST, Filter, SeenJob
from db.states import JobState
from db.tables import VideoJob

_USUAL, _MOST = 20, 100
_VARIANTS = ("video", "thumbnail", "spritesheet")


def routes() -> list[BaseRoute]:
    one = "/v1/videos/{video_id}"
    return [
        guarded("/v1/videos", "POST", Scope.GENERATE, create, creates=True),
        guarded("/v1/videos", "GET", Scope.READ, listed),
        *(guarded(f"/v1/videos/{what}", "POST", Scope.GENERATE, refused) for what in ("edits", "extensions")),
        guarded("/v1/videos/characters", "POST", Scope.GENERATE, refused),
        guarded("/v1/videos/characters/{character_id}", "GET", Scope.READ, refused),
        guarded(one, "GET", Scope.READ, show),
        guarded(one, "DELETE", Scope.GENERATE, delete),
        guarded(f"{one}/content", "GET", Scope.READ, content),
        guarded(f"{one}/remix", "POST", Scope.GENERATE, remix),
    ]


async def create(call: Call) -> Response:
    """The Video object once the row is in Postgres."""
    asked = await read_create(call.request, call.deps.catalogue)
    with named_as_sent(asked.images):
        return await _accepted(call, asked.body)


async def _accepted(call: Call, body: WishBody) -> Response:
    known = await repeat_of(call, body)
    if known is not None:
        return await _created(call, call.deps.pool, known.id)
    draft = await draft_of(call.deps, body, partial(key_in, call.request), InputLoader(call))

    async def answer(conn: Executor, before: Mapping[UUID, VideoJob]) -> Response:
        return await _created(call, conn, before[draft.id].id if draft.id in before else draft.id)

    return await accept_all(call, [draft], answer)


async def _created(call: Call, conn: Executor, job_id: UUID) -> Response:
    seen = await reads.job(conn, job_id, call.principal.client_id)
    if seen is None:
        raise not_found("video")
    return _shown(call, seen)


async def show(call: Call) -> Response:
    """The Video object, and when to ask again."""
    return _shown(call, await seen_by(call))


async def listed(call: Call) -> Response:
    """A page of what the caller may see; `after` is the last id of the page before."""
    limit, order = number(call.request, "limit", _USUAL, _MOST), call.request.query_params.get("order", "desc")
    if order not in ("asc", "desc"):
        raise invalid([FieldError("order", "must be asc or desc")])
    page, start = (reads.page, NEWEST) if order == "desc" else (reads.page_ascending, OLDEST)
    client_id = call.principal.visible_client
    if after := call.request.query_params.get("after"):
        job_id = job_of(after)
        last = await reads.job(call.deps.pool, job_id, client_id) if job_id else None
        if last is None:
            raise not_found("video")
        await named_by(call, last)
        start = (last.row.created_at, last.row.id)
    found = await page(call.deps.pool, Filter(client_id=client_id, after=start), limit + 1)
    shown = [_view(call, seen) for seen in found[:limit]]
    first_id, last_id = (shown[0]["id"], shown[-1]["id"]) if shown else (None, None)
    has_more = len(found) > limit
    answer = OpenAIVideoPage(object="list", data=shown, first_id=first_id, last_id=last_id, has_more=has_more)
    return JSONResponse(answer)


async def content(call: Call) -> Response:
    """The stored video or its poster, whole or the range that is asked for."""
    variant = call.request.query_params.get("variant", "video")
    if variant not in _VARIANTS:
        raise invalid([FieldError("variant", "must be video or thumbnail")])
    row = (await seen_by(call)).row
    if variant == "spritesheet":
        detail = "Spritesheets are not made here; there are the variants video and thumbnail"
        raise Problem(HTTPStatus.BAD_REQUEST, "unsupported_variant", detail, errors=[FieldError("variant", detail)])
    if row.state != JobState.COMPLETED:
        detail = f"The video is not ready: it is {row.state}"
        raise Problem(HTTPStatus.NOT_FOUND, "video_not_ready", detail)
    key = row.video_key if variant == "video" else row.poster_key
    if key is None:
        raise not_found("file")
    return await stream_file(call.request, call.deps.storage, key)


async def delete(call: Call) -> Response:
    """Removes what has ended, with its files; cancels what has not, which is then still there to be seen."""
    job_id = call.job_id()
    named = video_id(job_id)

    def told(cancelled: Cancelled) -> Response:
        status: Literal["failed", "in_progress"] = "failed" if cancelled.done else views.IN_PROGRESS
        answer = OpenAIVideoDeleted(id=named, object="video.deleted", deleted=False, status=status)
        return JSONResponse(answer, HTTPStatus.OK if cancelled.done else HTTPStatus.ACCEPTED)

    if await has_ended(call.deps, job_id, call.principal.visible_client):
        removed = OpenAIVideoDeleted(id=named, object="video.deleted", deleted=True)
        return await remove(call, job_id, JSONResponse(removed))
    return await cancel(call, job_id, told, discard=flag(call.request, "discard"))


async def remix(call: Call) -> Response:
    """Refused, for a video that is there."""
    await seen_by(call)
    return await refused(call)


async def refused(call: Call) -> Response:
    """What no kind of this server does."""
    what = next(word for word in ("edits", "extensions", "characters", "remix") if word in call.request.url.path)
    detail = f"No kind of provider behind this server takes {what}; POST /v1/videos makes a new video from a prompt"
    raise Problem(HTTPStatus.BAD_REQUEST, "unsupported_operation", detail)


def _view(call: Call, seen: SeenJob) -> OpenAIVideo:
    return views.video(seen, call.deps.policy.review_visible, call.deps.policy.videos_kept)


def _shown(call: Call, seen: SeenJob) -> Response:
    return JSONResponse(_view(call, seen), headers={"openai-poll-after-ms": str(views.poll_after_ms(seen))})
