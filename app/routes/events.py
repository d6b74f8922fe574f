"""Server-sent events: of one video, of a storyboard, or of all that a client has."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from http import HTTPStatus
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.answers.videos import EventToken
from app.auth import require
from app.bodies import Body
from app.calls import Call, caller_of, guarded, open_to_all, server_url
from app.deps import Deps
from app.event_streams import Shown, Stream
from app.live.feed import Listener
from app.live.watched import Watched
from app.problems import FieldError, Problem, invalid, not_found
from app.scopes import Scope
from app.validation import read_body
from db import reads
from db.retry import CONTENDED, UNAVAILABLE

_PING_S = 15
_KEY_ASKED_S = 1.0
_TOKEN_S = 3600
_MOST_ID = 2**63 - 1


class TokenBody(Body):
    """What a token is to allow: one video, one storyboard, or (neither given) everything its client has."""

    job_id: UUID | None = None
    storyboard_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    ttl_seconds: Annotated[int, Field(ge=1, le=86_400)] = _TOKEN_S

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if self.job_id and self.storyboard_id:
            raise ValueError("name a video or a storyboard, not both")
        return self


def routes() -> list[BaseRoute]:
    return [
        open_to_all("/api/events", stream, limited=True),
        guarded("/api/events/token", "POST", Scope.READ, token),
    ]


async def token(call: Call) -> Response:
    """A token for the query string, since EventSource sends no header."""
    body = await read_body(call.request, TokenBody)
    watched = Watched(call.principal.visible_client, body.job_id, body.storyboard_id)
    if body.job_id and await reads.job(call.deps.pool, body.job_id, watched.client_id) is None:
        raise not_found("video")
    expires_s = time.time() + body.ttl_seconds
    made = call.deps.event_tokens.make(watched, expires_s)
    url = f"{call.server_url}/api/events?token={made}"
    return JSONResponse(EventToken(token=made, url=url, expiresAt=int(expires_s)), HTTPStatus.CREATED)


async def stream(request: Request, deps: Deps) -> Response:
    """The stream itself. A listener that comes again after its end is answered 204, and then stays away."""
    watched = await _watched(request, deps)
    streamed = Stream(deps.pool, Shown(deps.links, server_url(request, deps)), watched, _last_seen(request))
    if await streamed.is_over():
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def lines() -> AsyncIterator[ServerSentEvent]:
        with suppress(*UNAVAILABLE, *CONTENDED):
            async with deps.feed.listening(watched) as listener:
                watching = asyncio.create_task(_end_with_key(request, deps, listener), name="key of a stream")
                try:
                    async for event in streamed.run(listener):
                        yield event
                finally:
                    watching.cancel()

    return EventSourceResponse(
        lines(), ping=_PING_S, ping_message_factory=lambda: ServerSentEvent(comment="still here"), sep="\n"
    )


async def _end_with_key(request: Request, deps: Deps, listener: Listener) -> None:
    """End the stream soon after its key has been revoked or has expired. A token is good for as long as it says."""
    while not listener.lost and "token" not in request.query_params:
        await asyncio.sleep(_KEY_ASKED_S)
        with suppress(*UNAVAILABLE, *CONTENDED):
            try:
                await caller_of(request, deps)
            except Problem:
                listener.end()


async def _watched(request: Request, deps: Deps) -> Watched:
    query = request.query_params
    if given := query.get("token"):
        watched = deps.event_tokens.read(given, time.time())
        if watched is None:
            raise Problem(HTTPStatus.UNAUTHORIZED, "token_not_valid", "This token is not valid, or no longer")
        return watched
    principal = await caller_of(request, deps)
    require(principal, Scope.READ)
    job_id, storyboard_id = query.get("jobId"), query.get("storyboardId")
    if job_id and storyboard_id:
        raise invalid([FieldError("storyboardId", "name a video or a storyboard, not both")])
    try:
        return Watched(principal.visible_client, UUID(job_id) if job_id is not None else None, storyboard_id)
    except ValueError:
        raise not_found("video") from None


def _last_seen(request: Request) -> int | None:
    given = request.headers.get("last-event-id") or request.query_params.get("lastEventId")
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 20 and int(given) <= _MOST_ID):
        raise invalid([FieldError("lastEventId", "is not an id of this stream")])
    return int(given)
