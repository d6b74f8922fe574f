"""Clients' API keys, for who hands them out: made, replaced with an overlap, revoked. Each is shown once."""

from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Annotated

from pydantic import Field
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.answers.operators import Key, Keys, NewKey, Replaced, Revoked, RotatedKey
from app.api_keys import issue
from app.bodies import Body, KeyBody
from app.calls import Call, guarded
from app.problems import not_found
from app.scopes import Scope
from app.validation import read_body
from app.views import moment
from app.when import When
from app.writing import written
from db import client_keys, clients
from db.connection import Executor
from db.tables import ClientKey

_USUAL_S, _LONGEST_S = 24 * 3600, 30 * 24 * 3600


class RotateBody(Body):
    """For how long the old key still opens everything, and until when the new one is good."""

    overlap_seconds: Annotated[int, Field(ge=0, le=_LONGEST_S)] = _USUAL_S
    expires_at: When | None = None


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/admin/keys", "GET", Scope.ADMIN, listed),
        guarded("/api/admin/keys", "POST", Scope.ADMIN, make),
        guarded("/api/admin/keys/{key_id}", "DELETE", Scope.ADMIN, revoke),
        guarded("/api/admin/keys/{key_id}/rotate", "POST", Scope.ADMIN, rotate),
    ]


async def listed(call: Call) -> Response:
    return JSONResponse(Keys(keys=[_key(row) for row in await client_keys.listed(call.deps.pool)]))


async def make(call: Call) -> Response:
    """A new key for a client named by `client`; it is in this answer alone, which is kept sealed for a repeat."""
    body = await read_body(call.request, KeyBody)

    async def making(conn: Executor) -> Response:
        owner = await clients.named(conn, body.client)
        if owner is None:
            raise not_found("client")
        issued = await issue(conn, owner.id, body.name, body.scopes, body.expires_at)
        answer: NewKey = {**_key(issued.row), "key": issued.key}
        return JSONResponse(answer, HTTPStatus.CREATED)

    return await written(call, making)


async def revoke(call: Call) -> Response:
    """Holds in every process within a second."""
    key_id = call.id_in_path("key_id", "key")

    async def revoking(conn: Executor) -> Response:
        if not await client_keys.revoke(conn, key_id):
            raise not_found("key")
        return JSONResponse(Revoked(id=str(key_id), status="revoked"))

    return await written(call, revoking)


async def rotate(call: Call) -> Response:
    """Another key like this one, which itself ends after the overlap."""
    key_id = call.id_in_path("key_id", "key")
    body = await read_body(call.request, RotateBody)

    async def rotating(conn: Executor) -> Response:
        old = await client_keys.living(conn, key_id)
        if old is None:
            raise not_found("key")
        scopes = [Scope(scope) for scope in old.scopes]
        issued = await issue(conn, old.client_id, old.name, scopes, body.expires_at or _as_long(old))
        ends = await client_keys.end(conn, key_id, timedelta(seconds=body.overlap_seconds))
        replaced = Replaced(id=str(key_id), expiresAt=moment(ends))
        answer: RotatedKey = {**_key(issued.row), "key": issued.key, "replaces": replaced}
        return JSONResponse(answer, HTTPStatus.CREATED)

    return await written(call, rotating)


def _as_long(old: ClientKey) -> datetime | None:
    """The end of a key that begins now and is good for as long as the old one was."""
    return datetime.now(UTC) + (old.expires_at - old.created_at) if old.expires_at else None


def _key(row: ClientKey) -> Key:
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
