"""The bytes of a video and its poster: for callers with a key, and under signed links for anybody."""

import time
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from app.calls import Call, guarded, open_to_all
from app.deps import Deps
from app.problems import Problem, not_found
from app.routes.videos import seen_by
from app.scopes import Scope
from app.streaming import stream_file
from storage.base import InvalidKey
from storage.keys import parse


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/video/{job_id}/content", "GET", Scope.READ, content),
        guarded("/api/video/{job_id}/thumbnail", "GET", Scope.READ, thumbnail),
        open_to_all("/files/{key:path}", signed_file),
    ]


async def content(call: Call) -> Response:
    """The stored video, whole or the range that is asked for."""
    seen = await seen_by(call)
    return await _stored(call, seen.row.video_key, seen.row.state)


async def thumbnail(call: Call) -> Response:
    """The poster."""
    seen = await seen_by(call)
    return await _stored(call, seen.row.poster_key, seen.row.state)


async def signed_file(request: Request, deps: Deps) -> Response:
    """A file whose link this server signed; the same refusal whether or not there is such a file."""
    key = request.path_params["key"]
    exp, sig = request.query_params.get("exp", ""), request.query_params.get("sig", "")
    if not deps.links.files.accepts(key, exp, sig, time.time()):
        raise Problem(HTTPStatus.FORBIDDEN, "link_not_valid", "This link is not valid, or no longer; ask for a new one")
    try:
        parse(key)
    except InvalidKey:
        raise not_found("file") from None
    return await stream_file(request, deps.storage, key)


async def _stored(call: Call, key: str | None, state: str) -> Response:
    if state != "completed":
        detail = f"The video is not there yet: it is {state}"
        raise Problem(HTTPStatus.CONFLICT, "not_ready", detail, extra={"stage": state})
    if key is None:
        raise not_found("file")
    return await stream_file(call.request, call.deps.storage, key)
