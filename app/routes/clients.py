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
from app.writing import written
from db import clients
from db.connection import Executor
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

    async def making(conn: Executor) -> Response:
        row = await clients.make(conn, body.name, body.weight)
        if row is None:
            raise Problem(HTTPStatus.CONFLICT, "name_taken", "There is a client with this name")
        return JSONResponse(_client(row), HTTPStatus.CREATED)

    return await written(call, making)


async def keys(call: Call) -> Response:
    return JSONResponse({"keys": [_key(row) for row in await clients.keys(call.deps.pool)]})


async def make_key(call: Call) -> Response:
    """A new key for a client named by `client`; it is in this answer alone, which is kept sealed for a repeat."""
    body = await read_body(call.request, KeyBody)

    async def making(conn: Executor) -> Response:
        owner = await clients.named(conn, body.client)
        if owner is None:
            raise not_found("client")
        issued = await issue(conn, owner.id, body.name, body.scopes, body.expires_at)
        return JSONResponse(_key(issued.row) | {"key": issued.key}, HTTPStatus.CREATED)

    return await written(call, making)


async def revoke_key(call: Call) -> Response:
    """Holds in every process within a second."""
    try:
        key_id = UUID(call.request.path_params["key_id"])
    except ValueError:
        raise not_found("key") from None

    async def revoking(conn: Executor) -> Response:
        if not await clients.revoke_key(conn, key_id):
            raise not_found("key")
        return JSONResponse({"id": str(key_id), "status": "revoked"})

    return await written(call, revoking)


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
