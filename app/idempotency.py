"""The Idempotency-Key of a write: the same request again is answered as the first one was, and does nothing.

Only what was done is kept, with what was done: a refused write leaves no trace and may be sent again. Answers are kept
sealed, because some hold a secret that is shown once.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from app.problems import Problem
from db import idempotency
from db.connection import Executor, Pool, transaction
from db.crypto import CannotOpen, Sealer
from db.idempotency import Kept, StillRunning

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
_LONGEST = 255
_BOUNDARY = re.compile(r'^multipart/.*\bboundary="?([^";,\s]+)', re.IGNORECASE)


class Repeated(Exception):
    """The write was made before: `response` is the answer that it had."""

    def __init__(self, response: Response) -> None:
        super().__init__("this key has been used for the same request")
        self.response = response


@dataclass(slots=True)
class Once:
    """A key and the request it stands for. `is_kept` says that the answer lies with the write, `end_users` whom of the
    client's own users the write is about."""

    client_id: UUID
    key: str
    request_hash: bytes
    sealer: Sealer = field(repr=False)
    is_kept: bool = False
    end_users: set[str] = field(default_factory=set, repr=False)

    async def before(self, conn: Executor) -> Response | None:
        """The answer to the same request before. Raises Problem (422) for another request."""
        kept = await idempotency.find(conn, self.client_id, self.key)
        return self._replay(kept) if kept else None

    async def claim(self, conn: Executor) -> UUID:
        """Begin the write in this transaction; Repeated where it was made before. Raises Problem (409, 422)."""
        try:
            claimed = await idempotency.claim(conn, self.client_id, self.key, self.request_hash)
        except StillRunning as error:
            raise _still_running() from error
        if claimed is not None:
            return claimed
        response = await self.before(conn)
        if response is None:
            raise _still_running()
        raise Repeated(response)

    async def keep(self, conn: Executor, claimed: UUID, response: Response) -> None:
        """Put the answer beside the write; it holds once the transaction is committed."""
        headers = [[name.decode(), value.decode()] for name, value in response.raw_headers if name != b"content-length"]
        kept = {"status": response.status_code, "headers": headers, "body": bytes(response.body).decode()}
        await idempotency.keep(conn, claimed, self.sealer.seal(json.dumps(kept), claimed), sorted(self.end_users))

    async def keep_unless_kept(self, pool: Pool, response: Response) -> None:
        """Keep the answer of a write that did not keep its own: one that may happen twice without harm."""
        if self.is_kept or response.status_code >= HTTPStatus.MULTIPLE_CHOICES:
            return
        async with transaction(pool) as conn:
            await self.keep(conn, await self.claim(conn), response)

    def _replay(self, kept: Kept) -> Response:
        if kept.request_hash != self.request_hash:
            detail = "This Idempotency-Key was used for another request"
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "idempotency_key_reused", detail)
        if kept.sealed is None:
            detail = "This request was carried out, and what it was about has been erased since"
            raise Problem(HTTPStatus.GONE, "erased", detail)
        try:
            answer = json.loads(self.sealer.open(kept.sealed, kept.id))
        except CannotOpen as error:
            detail = "This request was carried out; its answer was sealed with an ENCRYPTION_KEY that is gone"
            raise Problem(HTTPStatus.CONFLICT, "answer_unreadable", detail) from error
        response = Response(answer["body"], answer["status"])
        response.raw_headers = [
            *((name.encode(), value.encode()) for name, value in answer["headers"]),
            *((name, value) for name, value in response.raw_headers if name == b"content-length"),
        ]
        response.headers[REPLAYED] = "true"
        return response


def key_in(request: Request) -> str | None:
    """The key that a call brings. Raises Problem (400) for what cannot be one."""
    given = request.headers.getlist(HEADER)
    if not given:
        return None
    key = given[0].strip()
    if len(set(given)) > 1 or not 0 < len(key) <= _LONGEST or not (key.isascii() and key.isprintable()):
        detail = f"{HEADER} must be one text of 1 to {_LONGEST} printable ASCII characters"
        raise Problem(HTTPStatus.BAD_REQUEST, "malformed_idempotency_key", detail)
    return key


def request_hash(request: Request, body: bytes) -> bytes:
    """The same for the same request: method, path, query, and the body however it is spelled or divided."""
    content_type = request.headers.get("content-type", "")
    head = f"{request.method} {request.url.path}?{request.url.query}\n"
    return sha256(head.encode() + _normalised(content_type, body)).digest()


def with_body(request: Request, body: bytes) -> Request:
    """The same request, whose body can be read once more."""
    parts: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return parts.pop() if parts else await request.receive()

    return Request(request.scope, receive)


def _normalised(content_type: str, body: bytes) -> bytes:
    if boundary := _BOUNDARY.match(content_type):
        return body.replace(b"--" + boundary[1].encode("latin-1"), b"--boundary")
    with suppress(ValueError, RecursionError):
        parsed: Any = json.loads(body)
        return json.dumps(parsed, sort_keys=True, separators=(",", ":")).encode()
    return body


def _still_running() -> Problem:
    detail = "The first request with this Idempotency-Key is still being answered"
    return Problem(HTTPStatus.CONFLICT, "idempotency_key_in_use", detail, headers={"Retry-After": "1"})
