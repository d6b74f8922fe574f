"""The OAuth token endpoint of a service account: a signed assertion in, a short-lived token out."""

import base64
import json
import secrets
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reelwork.simulator.books import Books
from reelwork.simulator.effects import strike_after, strike_before
from reelwork.simulator.faults.kinds import Endpoint
from reelwork.simulator.faults.rules import Situation
from reelwork.simulator.refusals import Refusal
from reelwork.simulator.world import World

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def oauth_routes(world: World) -> list[Route]:
    """POST /token. The signature is not checked, only that the assertion is whole, in time and not by a bad account."""

    async def token(request: Request) -> Response:
        response = await _answer(world, request)
        _count(world.books, response)
        return response

    return [Route("/token", token, methods=["POST"])]


async def _answer(world: World, request: Request) -> Response:
    try:
        faults = world.rules.strike(Situation(Endpoint.TOKEN, {"dialect": "oauth"}), ())
        for fault in faults:
            early = await strike_before(fault, world.wires, request)
            if early is not None:
                return early
        response = await _grant(world, request)
        for fault in faults:
            response = await strike_after(fault, world.wires, request, response)
        return response
    except Refusal as refusal:
        body = {"error": refusal.code or "invalid_request", "error_description": refusal.message}
        return JSONResponse(body, refusal.status, headers=dict(refusal.headers))


async def _grant(world: World, request: Request) -> Response:
    async with request.form() as form:
        if form.get("grant_type") != _GRANT:
            raise Refusal(400, f"Only {_GRANT} is supported.", "unsupported_grant_type")
        claims = _claims(str(form.get("assertion", "")))
    issuer = str(claims.get("iss", ""))
    if not issuer or issuer.startswith("bad") or issuer in world.accounts.revoked:
        raise Refusal(400, "Invalid grant: account not found", "invalid_grant")
    if float(claims.get("exp", 0)) < time.time() - 60:
        raise Refusal(400, "Invalid JWT: Token must be a short-lived token.", "invalid_grant")
    token = "ya29.sim-" + secrets.token_urlsafe(48)
    world.accounts.issue(token, issuer, world.options.token_ttl_s)
    return JSONResponse({"access_token": token, "expires_in": int(world.options.token_ttl_s), "token_type": "Bearer"})


def _claims(assertion: str) -> dict[str, Any]:
    parts = assertion.split(".")
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError):
        raise Refusal(400, "Invalid JWT Signature.", "invalid_grant") from None
    if len(parts) != 3 or not isinstance(claims, dict):
        raise Refusal(400, "Invalid JWT Signature.", "invalid_grant")
    return claims


def _count(books: Books, response: Response) -> None:
    books.count("-", "oauth", Endpoint.TOKEN, response.status_code)
