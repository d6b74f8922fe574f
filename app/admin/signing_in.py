"""Sign-in to the dashboard with a key, sign-out, and what the session may do."""

import time
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated

from pydantic import Field, SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app import sessions
from app.answers.dashboard import NewSession, NotSignedIn, SignedIn, SignedOut
from app.auth import Principal, digest_of, require
from app.bodies import Body
from app.calls import address_of, caller_of, open_to_all, server_url
from app.deps import Deps
from app.problems import Problem
from app.scopes import Scope
from app.validation import read_body
from app.views import moment
from config.version import VERSION


class SignInBody(Body):
    key: Annotated[SecretStr, Field(min_length=1, max_length=500)]


def routes() -> list[BaseRoute]:
    path = "/api/admin/session"
    return [
        open_to_all(path, sign_in, method="POST"),
        open_to_all(path, show),
        open_to_all(path, sign_out, method="DELETE"),
    ]


async def sign_in(request: Request, deps: Deps) -> Response:
    """A cookie for a key that may observe, operate or administer; wrong ones are counted by address."""
    digest = digest_of((await read_body(request, SignInBody)).key.get_secret_value().strip())
    try:
        principal = await deps.authenticator.holder(digest)
    except Problem:
        await deps.rate_limits.count("address", address_of(request, deps))
        raise
    require(principal, Scope.OBSERVE)
    cookie, ends_s = sessions.begin(deps.sealer, digest, time.time())
    response = JSONResponse(NewSession(**_shown(principal), expiresAt=_at(ends_s)), HTTPStatus.CREATED)
    sessions.give(response, cookie, secure=_is_https(request, deps))
    return response


async def show(request: Request, deps: Deps) -> Response:
    """Who is signed in, or whose key it is; nobody is no failure here."""
    try:
        principal = await caller_of(request, deps)
    except Problem as problem:
        if problem.status != HTTPStatus.UNAUTHORIZED:
            raise
        return JSONResponse(NotSignedIn(signedIn=False))
    require(principal, Scope.OBSERVE)
    return JSONResponse(_shown(principal))


async def sign_out(request: Request, deps: Deps) -> Response:
    """Forgets the session in this browser."""
    sessions.require_own_page(request, server_url(request, deps))
    response = JSONResponse(SignedOut(signedOut=True))
    sessions.end(response, secure=_is_https(request, deps))
    return response


def _shown(principal: Principal) -> SignedIn:
    scopes = principal.scopes
    return {
        "signedIn": True,
        "client": principal.client_name,
        "key": principal.key_name,
        "scopes": sorted(scopes),
        "mayOperate": Scope.OPERATE in scopes,
        "mayAdminister": Scope.ADMIN in scopes,
        "version": VERSION,
    }


def _at(unix_s: int) -> str | None:
    return moment(datetime.fromtimestamp(unix_s, UTC))


def _is_https(request: Request, deps: Deps) -> bool:
    return server_url(request, deps).startswith("https:")
