"""Stored files as responses: Range, ETag, never more than a chunk in memory."""

from collections.abc import AsyncIterator
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.byte_ranges import NoSuchRange, Part, is_known, requested_part
from app.problems import Problem, not_found
from storage.base import ObjectMissing, Storage, StorageError, StoredObject

_SAFE = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "private, max-age=3600",
    "Content-Security-Policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
"""Pages of other sites may show a video whose link they were given."""


async def stream_file(request: Request, storage: Storage, key: str) -> Response:
    """The file under a storage key, or the part of it that the request asks for. Raises Problem."""
    stored = await _find(storage, key)
    etag = f'"{stored.sha256 or f"{stored.size:x}-{int(stored.modified_at.timestamp() * 1000):x}"}"'
    headers = _SAFE | {"ETag": etag}
    if is_known(request.headers.get("if-none-match"), etag):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    part = _part(request, stored.size, etag)
    if part:
        headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{stored.size}"
    start, end = (part.start, part.end) if part else (0, stored.size)
    headers["Content-Length"] = str(end - start)
    status = HTTPStatus.PARTIAL_CONTENT if part else HTTPStatus.OK
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=stored.content_type)
    return StreamingResponse(_chunks(storage, key, start, end), status, headers, stored.content_type)


async def _find(storage: Storage, key: str) -> StoredObject:
    try:
        stored = await storage.head(key)
    except StorageError as error:
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "storage_unavailable",
            "The storage does not answer; try again",
            headers={"Retry-After": "5"},
        ) from error
    if stored is None:
        raise not_found("file")
    return stored


def _part(request: Request, size: int, etag: str) -> Part | None:
    if request.headers.get("if-range") not in (None, etag):
        return None
    try:
        return requested_part(request.headers.get("range"), size)
    except NoSuchRange:
        raise Problem(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            "no_such_range",
            f"The file has {size} bytes",
            headers={"Content-Range": f"bytes */{size}"},
        ) from None


async def _chunks(storage: Storage, key: str, start: int, end: int) -> AsyncIterator[bytes]:
    try:
        async with storage.open(key, start, end) as chunks:
            async for chunk in chunks:
                yield chunk
    except ObjectMissing as error:
        raise ConnectionAbortedError("the file was removed while it was being sent") from error
