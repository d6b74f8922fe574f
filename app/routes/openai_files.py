"""OpenAI's Files API for images: uploaded once, named in as many requests as one likes."""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from pydantic.alias_generators import to_camel
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.answers.openai import OpenAIFile, OpenAIFileDeleted, OpenAIFilePage
from app.calls import Call, guarded
from app.end_users import checked_end_user
from app.images import MAX_IMAGE_BYTES, NotAnImage, from_data_url, image_type
from app.openai.forms import Upload, read_members
from app.openai.ids import file_id, file_of
from app.openai.requests import end_user_of
from app.problems import FieldError, invalid, not_found
from app.scopes import Scope
from app.validation import number
from app.writing import written
from db import clients, files
from db.connection import Executor
from db.files import NEWEST, NewFile
from db.images import NewImage
from db.tables import File

_USUAL, _MOST = 1_000, 10_000
_PURPOSES = ("vision", "user_data")
_SHORTEST_S, _LONGEST_S = 3_600, 30 * 24 * 3_600


def routes() -> list[BaseRoute]:
    one = "/v1/files/{file_id}"
    return [
        guarded("/v1/files", "POST", Scope.GENERATE, upload, creates=True),
        guarded("/v1/files", "GET", Scope.READ, listed),
        guarded(one, "GET", Scope.READ, show),
        guarded(one, "DELETE", Scope.GENERATE, delete),
        guarded(f"{one}/content", "GET", Scope.READ, content),
    ]


async def upload(call: Call) -> Response:
    """Keeps an image of a form, or of a data: URL in JSON, for thirty days or as long as `expires_after` says."""
    members = await read_members(call.request)
    if members.get("purpose") not in _PURPOSES:
        raise invalid([FieldError("purpose", f"must be {' or '.join(_PURPOSES)}: files here are images")])
    kept, (filename, image) = _kept(members.get("expires_after")), _image(members.get("file"))
    end_user = _end_user(members)
    new = NewFile(call.principal.client_id, filename, members["purpose"], image, kept, end_user)
    if call.once and end_user:
        call.once.end_users.add(end_user)

    async def keeping(conn: Executor) -> Response:
        await clients.lock(conn, new.client_id)
        return JSONResponse(_shown(await files.add(conn, new)))

    return await written(call, keeping)


async def listed(call: Call) -> Response:
    """The client's own, newest first; `after` is the last id of the page before."""
    limit, start = number(call.request, "limit", _USUAL, _MOST), NEWEST
    if after := call.request.query_params.get("after"):
        last = await _found(call, after)
        start = (last.created_at, last.id)
    found = await files.page(call.deps.pool, call.principal.client_id, start, limit + 1)
    shown = [_shown(file) for file in found[:limit]]
    first_id, last_id = (shown[0]["id"], shown[-1]["id"]) if shown else (None, None)
    has_more = len(found) > limit
    answer = OpenAIFilePage(object="list", data=shown, first_id=first_id, last_id=last_id, has_more=has_more)
    return JSONResponse(answer)


async def show(call: Call) -> Response:
    return JSONResponse(_shown(await _found(call, call.request.path_params["file_id"])))


async def content(call: Call) -> Response:
    """The image as it was uploaded."""
    file = await _found(call, call.request.path_params["file_id"])
    image = await files.image(call.deps.pool, call.principal.client_id, file.id)
    if image is None:
        raise not_found("file")
    headers = {"Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'"}
    return Response(image.data, media_type=image.content_type, headers=headers)


async def delete(call: Call) -> Response:
    """Videos that were asked for with it keep their image."""
    named = call.request.path_params["file_id"]

    async def removing(conn: Executor) -> Response:
        if not await files.remove(conn, call.principal.client_id, _id(named)):
            raise not_found("file")
        return JSONResponse(OpenAIFileDeleted(id=named, object="file", deleted=True))

    return await written(call, removing)


async def _found(call: Call, named: str) -> File:
    file = await files.find(call.deps.pool, call.principal.client_id, _id(named))
    if file is None:
        raise not_found("file")
    return file


def _id(named: str) -> UUID:
    found = file_of(named)
    if found is None:
        raise not_found("file")
    return found


def _image(value: Any) -> tuple[str, NewImage]:
    try:
        sent = value if isinstance(value, Upload) else Upload("image", from_data_url(str(value)))
        name, data = sent.filename, sent.data
        if len(data) > MAX_IMAGE_BYTES:
            raise NotAnImage(f"is larger than {MAX_IMAGE_BYTES // 1024 // 1024} MB")
        return name[:255], NewImage(image_type(data), sha256(data).hexdigest(), data)
    except NotAnImage as error:
        raise invalid([FieldError("file", str(error))]) from error


def _kept(after: Any) -> timedelta:
    """OpenAI's `{anchor: created_at, seconds}`."""
    if after is None:
        return timedelta(seconds=_LONGEST_S)
    seconds = str(after.get("seconds", "")) if isinstance(after, dict) else ""
    if not (seconds.isascii() and seconds.isdigit() and _SHORTEST_S <= int(seconds[:9]) <= _LONGEST_S):
        raise invalid([FieldError("expires_after", f"seconds must be from {_SHORTEST_S} to {_LONGEST_S}")])
    return timedelta(seconds=int(seconds[:9]))


def _end_user(members: dict[str, Any]) -> str | None:
    named = end_user_of({to_camel(name): value for name, value in members.items()})
    return None if named is None else checked_end_user(named)


def _shown(file: File) -> OpenAIFile:
    return {
        "id": file_id(file.id),
        "object": "file",
        "bytes": file.bytes,
        "created_at": int(file.created_at.timestamp()),
        "expires_at": int(file.expires_at.timestamp()),
        "filename": file.filename,
        "purpose": file.purpose,
        "status": "processed",
    }
