"""Provider keys that a client stores, so that its calls need not bring one; they never come out again."""

import asyncio
from http import HTTPStatus
from uuid import UUID

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.accounts import Account
from app.answers.operators import Credential, Credentials, Revoked, StoredCredential
from app.bodies import AnyCredentialBody, CredentialBody
from app.calls import Call, guarded
from app.creating import no_project
from app.problems import FieldError, Problem, invalid, not_found
from app.provider_keys import checked_key
from app.resolving import account_of
from app.scopes import Scope
from app.validation import read_body
from app.views import moment
from app.writing import written
from db import clients, credentials, lane_settings
from db.connection import Executor
from db.credentials import ListedCredential, NewCredential
from providers import kinds
from providers.errors import CredentialRefused, ProviderError

_PATIENCE_S = 8.0


def routes() -> list[BaseRoute]:
    own, everybodys = "/api/credentials", "/api/admin/credentials"
    return [
        guarded(own, "GET", Scope.READ, listed_own),
        guarded(own, "POST", Scope.GENERATE, store_own),
        guarded(f"{own}/{{credential_id}}", "DELETE", Scope.GENERATE, revoke_own),
        guarded(everybodys, "GET", Scope.ADMIN, listed),
        guarded(everybodys, "POST", Scope.ADMIN, store),
        guarded(f"{everybodys}/{{credential_id}}", "DELETE", Scope.ADMIN, revoke),
    ]


async def listed_own(call: Call) -> Response:
    """What the caller's client has stored or brought with a call."""
    return await _listed(call, call.principal.client_id)


async def listed(call: Call) -> Response:
    return await _listed(call, None)


async def store_own(call: Call) -> Response:
    """Keeps a key for the caller's own client: who may spend with a key that a call brings may leave it here too."""
    return await _stored(call, await read_body(call.request, CredentialBody), call.principal.client_id)


async def store(call: Call) -> Response:
    """Keeps a key for a client (the caller's own unless `clientId` names another)."""
    body = await read_body(call.request, AnyCredentialBody)
    return await _stored(call, body, body.client_id or call.principal.client_id)


async def revoke_own(call: Call) -> Response:
    return await _revoked(call, call.principal.client_id)


async def revoke(call: Call) -> Response:
    return await _revoked(call, None)


async def _listed(call: Call, client_id: UUID | None) -> Response:
    found = await credentials.listed(call.deps.pool, client_id)
    return JSONResponse(Credentials(credentials=[_shown(one) for one in found]))


async def _stored(call: Call, body: CredentialBody, owner: UUID) -> Response:
    """Sealed, after its provider has been asked, by a call that costs nothing, whether it takes the key."""
    account = _account(call, body)
    checked = await _is_accepted(call, account)
    lane = call.deps.accounts.lane_of(account, call.deps.sealer)

    async def storing(conn: Executor) -> Response:
        if not await clients.lock(conn, owner):
            raise invalid([FieldError("clientId", "is not a client of this server")])
        lane_id = await lane_settings.find_or_make(conn, lane)
        new = NewCredential(owner, lane_id, "stored", account.secret, lane.key_last4)
        credential_id = await credentials.find_or_keep(conn, call.deps.sealer, new)
        found = await credentials.listed(conn, owner)
        kept = next(one for one in found if one.credential.id == credential_id)
        answer: StoredCredential = {**_shown(kept), "checked": checked}
        return JSONResponse(answer, HTTPStatus.CREATED)

    return await written(call, storing)


async def _revoked(call: Call, client_id: UUID | None) -> Response:
    """No new video uses it; those that were accepted with it go on with it."""
    credential_id = call.id_in_path("credential_id", "credential")

    async def revoking(conn: Executor) -> Response:
        if not await credentials.revoke(conn, credential_id, client_id):
            raise not_found("credential")
        return JSONResponse(Revoked(id=str(credential_id), status="revoked"))

    return await written(call, revoking)


def _kind(body: CredentialBody) -> str:
    if not kinds.is_kind(body.provider):
        raise invalid([FieldError("provider", "is not a provider of this server")])
    return kinds.long(body.provider)


def _account(call: Call, body: CredentialBody) -> Account:
    """The account that the key opens, the key in the form in which it is kept."""
    deps, kind = call.deps, _kind(body)
    if body.server is not None and body.server not in deps.accounts.terms:
        raise invalid([FieldError("server", "is not one of OPENAI_VIDEOS_SERVERS")])
    base_url = deps.catalogue.base_url(kind, body.server, deps.accounts.base_urls)
    account = deps.accounts.of_caller(kind, base_url, checked_key(kind, body.key.get_secret_value()), body.server)
    if kind == kinds.VERTEX_VEO and not account.project:
        raise no_project()
    return account


async def _is_accepted(call: Call, account: Account) -> bool:
    """Whether the provider takes the key; False where it does not answer. Raises Problem where it refuses it."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await call.deps.providers[account.kind].check(account_of(account))
    except CredentialRefused:
        detail = f"The provider refuses this key for {kinds.short(account.kind)}; it was not stored"
        raise Problem(HTTPStatus.BAD_REQUEST, "key_refused", detail) from None
    except (ProviderError, TimeoutError):
        return False
    return True


def _shown(one: ListedCredential) -> Credential:
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
