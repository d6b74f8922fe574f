"""A client's own users: all that is kept about one, and its erasure."""

from http import HTTPStatus
from typing import Literal
from uuid import UUID

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app import views
from app.answers.end_users import Erasure, Export, SentImage, Upload, WholeVideo
from app.calls import Call, guarded
from app.end_users import checked_end_user
from app.openai.ids import file_id
from app.problems import not_found
from app.routes.videos import seen_by
from app.scopes import Scope
from app.validation import number
from app.writing import written
from db import clients, end_users, erasures, reads
from db.connection import Executor
from db.end_users import KeptInput
from db.erasures import Left, Subject
from db.reads import OLDEST, SeenJob
from db.tables import File

_USUAL, _MOST = 20, 100


def routes() -> list[BaseRoute]:
    one = "/api/end-users/{end_user_id}"
    return [
        guarded(one, "DELETE", Scope.GENERATE, erase),
        guarded(f"{one}/export", "GET", Scope.READ, export),
        guarded("/api/video/{job_id}/inputs/{position}", "GET", Scope.READ, sent_image),
    ]


async def erase(call: Call) -> Response:
    """200 once nothing is left, 202 while something is; sent again it tells how far it is, and does nothing twice."""
    subject, asked = _subject(call), list[UUID]()

    async def erasing(conn: Executor) -> Response:
        await clients.lock(conn, subject.client_id)
        if not (await erasures.begin(conn, subject) or await erasures.is_open(conn, subject)):
            return _told("erased", Left(0, 0), HTTPStatus.OK)
        asked[:] = await erasures.end_videos(conn, subject)
        return _told("erasing", await erasures.left(conn, subject), HTTPStatus.ACCEPTED)

    response = await written(call, erasing)
    for job_id in asked:
        await call.deps.bell.look_at(job_id)
    return response


async def export(call: Call) -> Response:
    """A page of the user's videos with all that is kept of each; with the first page, what was uploaded."""
    subject, limit = _subject(call), number(call.request, "limit", _USUAL, _MOST)
    after, start = call.request.query_params.get("after"), OLDEST
    if after:
        last = await _last_shown(call, after)
        start = (last.row.created_at, last.row.id)
    found = await end_users.videos(call.deps.pool, subject, start, limit + 1)
    uploads = [] if after else await end_users.files(call.deps.pool, subject)
    told: Export = {
        "endUserId": subject.end_user_id,
        "videos": [await _whole(call, seen) for seen in found[:limit]],
        "files": [_upload(file) for file in uploads],
        "hasMore": len(found) > limit,
    }
    return JSONResponse(told)


async def sent_image(call: Call) -> Response:
    """An image that came with a request, as it will be or was sent."""
    seen, position = await seen_by(call), call.request.path_params["position"]
    is_number = position.isascii() and position.isdigit() and len(position) < 3
    image = await end_users.input_image(call.deps.pool, seen.row.id, int(position)) if is_number else None
    if image is None:
        raise not_found("input")
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'"}
    return Response(image.data, media_type=image.content_type, headers=headers)


def _subject(call: Call) -> Subject:
    return Subject(call.principal.client_id, checked_end_user(call.request.path_params["end_user_id"]))


def _told(status: Literal["erasing", "erased"], left: Left, code: HTTPStatus) -> Response:
    told: Erasure = {"status": status, "ending": left.ending, "removing": left.removing}
    return JSONResponse(told, code)


def _upload(file: File) -> Upload:
    return {"id": file_id(file.id), "filename": file.filename, "createdAt": views.moment(file.created_at)}


async def _last_shown(call: Call, after: str) -> SeenJob:
    try:
        last = await reads.job(call.deps.pool, UUID(after), call.principal.client_id)
    except ValueError:
        last = None
    if last is None:
        raise not_found("video")
    return last


async def _whole(call: Call, seen: SeenJob) -> WholeVideo:
    """All that is kept of a video for its user: the answer to GET, and what that leaves out."""
    pool, job_id = call.deps.pool, seen.row.id
    images = [_image(job_id, kept) for kept in await end_users.inputs(pool, job_id)]
    lines = [views.event(line) for line in await reads.events(pool, job_id)]
    shown = await views.video(seen, call.deps.links, call.server_url)
    return {**shown, "webhookUrl": seen.row.webhook_url, "inputs": images, "events": lines}


def _image(job_id: UUID, kept: KeptInput) -> SentImage:
    return {
        "role": kept.role,
        "contentType": kept.content_type,
        "sha256": kept.sha256,
        "url": f"/api/video/{job_id}/inputs/{kept.position}",
    }
