"""Providers' webhooks: hints that let a video's owner ask at once, and bring back ids of answers that were lost."""

import json
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.calls import address_of, open_to_all
from app.deps import Deps
from app.hinting import follow, hint_in
from app.hooks.signatures import check_standard, check_token
from app.problems import Problem, not_found
from app.validation import SMALL_BODY, chunks_of
from providers import kinds


def routes() -> list[BaseRoute]:
    return [open_to_all("/hooks/{kind}", take, method="POST")]


async def take(request: Request, deps: Deps) -> Response:
    """202 for whatever is signed, known or not; 401 for anything else. Sent again it does nothing more."""
    if not kinds.is_kind(named := request.path_params["kind"]):
        raise not_found("path")
    kind = kinds.long(named)
    body = b"".join([chunk async for chunk in chunks_of(request, SMALL_BODY)])
    try:
        told = await _signed(request, deps, kind, body)
    except Problem:
        await deps.rate_limits.count("address", address_of(request, deps))
        raise
    message_id = (kind, request.headers.get("webhook-id", ""))
    if (hint := hint_in(told)) is not None and not deps.hooks.has(message_id):
        await follow(deps, kind, hint)
        deps.hooks.remember(message_id)
    return JSONResponse({"received": True}, HTTPStatus.ACCEPTED)


async def _signed(request: Request, deps: Deps, kind: str, body: bytes) -> dict[str, Any]:
    """What the provider has signed: the body, or its token, whose word stands before the body's."""
    signature = request.headers.get("webhook-signature", "")
    if signature.startswith("v1,") or " v1," in signature:
        check_standard(request.headers, body, deps.hooks.secrets.get(kind, ()))
        return _parsed(body)
    # Only what the token itself says is signed; a body beside it anybody may have written.
    public_url = deps.policy.public_url
    audience = f"{public_url}{request.url.path}" if public_url else None
    return await check_token(signature, audience, deps.hooks.key_of(kind))


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, "invalid_json", "The body must be a JSON object")
    return told
