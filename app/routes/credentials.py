"""Provider keys that a client stores, so that its calls need not bring one; they never come out again."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.bodies import CredentialBody
from app.calls import Call, guarded
from app.problems import FieldError, invalid, not_found
from app.provider_keys import checked_key
from app.scopes import Scope
from app.validation import read_body
from app.views import moment
from app.writing import written
from db import clients, credentials, lane_settings
from db.connection import Executor
from db.credentials import ListedCredential, NewCredential
from db.lane_settings import NewLane
from providers import kinds


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/admin/credentials", "GET", Scope.ADMIN, listed),
        guarded("/api/admin/credentials", "POST", Scope.ADMIN, store),
        guarded("/api/admin/credentials/{credential_id}", "DELETE", Scope.ADMIN, revoke),
    ]


async def listed(call: Call) -> Response:
    found = await credentials.listed(call.deps.pool, None)
    return JSONResponse({"credentials": [_shown(one) for one in found]})


async def store(call: Call) -> Response:
    """Keeps a key for a client (the caller's own unless `clientId` names another), sealed."""
    body = await read_body(call.request, CredentialBody)
    secret, lane = _checked(call, body, _kind(body))
    owner = body.client_id or call.principal.client_id

    async def storing(conn: Executor) -> Response:
        if not await clients.lock(conn, owner):
            raise invalid([FieldError("clientId", "is not a client of this server")])
        lane_id = await lane_settings.find_or_make(conn, lane)
        new = NewCredential(owner, lane_id, "stored", secret, lane.key_last4)
        credential_id = await credentials.find_or_keep(conn, call.deps.sealer, new)
        found = await credentials.listed(conn, owner)
        kept = next(one for one in found if one.credential.id == credential_id)
        return JSONResponse(_shown(kept), HTTPStatus.CREATED)

    return await written(call, storing)


async def revoke(call: Call) -> Response:
    """No new video uses it; those that were accepted with it go on with it."""
    try:
        credential_id = UUID(call.request.path_params["credential_id"])
    except ValueError:
        raise not_found("credential") from None

    async def revoking(conn: Executor) -> Response:
        if not await credentials.revoke(conn, credential_id):
            raise not_found("credential")
        return JSONResponse({"id": str(credential_id), "status": "revoked"})

    return await written(call, revoking)


def _kind(body: CredentialBody) -> str:
    if not kinds.is_kind(body.provider):
        raise invalid([FieldError("provider", "is not a provider of this server")])
    return kinds.long(body.provider)


def _checked(call: Call, body: CredentialBody, kind: str) -> tuple[str, NewLane]:
    """The key in the form in which it is kept, and the lane of its account."""
    deps = call.deps
    if body.server is not None and body.server not in deps.accounts.terms:
        raise invalid([FieldError("server", "is not one of OPENAI_VIDEOS_SERVERS")])
    base_url = deps.catalogue.base_url(kind, body.server, deps.accounts.base_urls)
    secret = checked_key(kind, body.key.get_secret_value())
    return secret, deps.accounts.lane_of(deps.accounts.of_caller(kind, base_url, secret, body.server), deps.sealer)


def _shown(one: ListedCredential) -> dict[str, Any]:
    row = one.credential
    return {
        "id": str(row.id),
        "clientId": str(row.client_id),
        "provider": kinds.short(one.kind),
        "baseUrl": one.base_url,
        "laneId": str(row.lane_id),
        "source": row.source,
        "last4": row.last4,
        "createdAt": moment(row.created_at),
        "revokedAt": moment(row.revoked_at),
    }
