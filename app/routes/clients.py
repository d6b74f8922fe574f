"""Clients and their keys, for who hands them out."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.api_keys import issue
from app.bodies import ClientBody, KeyBody
from app.calls import Call, guarded
from app.problems import Problem, not_found
from app.scopes import Scope
from app.validation import read_body
from app.views import moment
from db import clients
from db.tables import Client, ClientKey


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/admin/clients", "GET", Scope.ADMIN, listed),
        guarded("/api/admin/clients", "POST", Scope.ADMIN, make),
        guarded("/api/admin/keys", "GET", Scope.ADMIN, keys),
        guarded("/api/admin/keys", "POST", Scope.ADMIN, make_key),
        guarded("/api/admin/keys/{key_id}", "DELETE", Scope.ADMIN, revoke_key),
    ]


async def listed(call: Call) -> Response:
    return JSONResponse({"clients": [_client(row) for row in await clients.listed(call.deps.pool)]})


async def make(call: Call) -> Response:
    """A client of a name that no other has; `weight` is its share of a lane."""
    body = await read_body(call.request, ClientBody)
    row = await clients.make(call.deps.pool, body.name, body.weight)
    if row is None:
        raise Problem(HTTPStatus.CONFLICT, "name_taken", "There is a client with this name")
    return JSONResponse(_client(row), HTTPStatus.CREATED)


async def keys(call: Call) -> Response:
    return JSONResponse({"keys": [_key(row) for row in await clients.keys(call.deps.pool)]})


async def make_key(call: Call) -> Response:
    """A new key for a client named by `client`; the key is in this answer and nowhere else."""
    body = await read_body(call.request, KeyBody)
    owner = await clients.named(call.deps.pool, body.client)
    if owner is None:
        raise not_found("client")
    issued = await issue(call.deps.pool, owner.id, body.name, body.scopes, body.expires_at)
    return JSONResponse(_key(issued.row) | {"key": issued.key}, HTTPStatus.CREATED)


async def revoke_key(call: Call) -> Response:
    """Holds in every process within a second."""
    try:
        key_id = UUID(call.request.path_params["key_id"])
    except ValueError:
        raise not_found("key") from None
    if not await clients.revoke_key(call.deps.pool, key_id):
        raise not_found("key")
    return JSONResponse({"id": str(key_id), "status": "revoked"})


def _client(row: Client) -> dict[str, Any]:
    return {"id": str(row.id), "name": row.name, "weight": row.weight, "createdAt": moment(row.created_at)}


def _key(row: ClientKey) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "clientId": str(row.client_id),
        "name": row.name,
        "prefix": row.prefix,
        "scopes": list(row.scopes),
        "createdAt": moment(row.created_at),
        "expiresAt": moment(row.expires_at),
        "revokedAt": moment(row.revoked_at),
        "lastUsedAt": moment(row.last_used_at),
    }
