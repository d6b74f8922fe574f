"""Who calls and what they may do. Keys are compared and looked up by their SHA-256 only."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from uuid import UUID

from app.problems import Problem
from app.scopes import Scope, with_included
from db import client_keys
from db.connection import Pool
from db.tables.accounts import DEFAULT_CLIENT

_REMEMBERED_S = 1.0
_MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Principal:
    """The client a call belongs to, and its key's scopes. `key_id` is None for the operator's own key, whose name is
    `ADMIN_KEY`."""

    client_id: UUID
    client_name: str
    scopes: frozenset[Scope]
    key_id: UUID | None = None
    key_name: str = "ADMIN_KEY"

    @property
    def visible_client(self) -> UUID | None:
        """Whose jobs it sees: who observes, operates or administers everybody's (None), others their own client's."""
        return None if Scope.OBSERVE in self.scopes else self.client_id


class Authenticator:
    """Knows the admin key, and asks Postgres for all others; an answer is remembered for a second."""

    def __init__(self, admin_key: str, pool: Pool, clock: Callable[[], float]) -> None:
        self._admin = sha256(admin_key.encode()).digest()
        self._pool = pool
        self._clock = clock
        self._remembered: dict[bytes, tuple[float, Principal | None]] = {}

    async def authenticate(self, authorization: str | None) -> Principal:
        """The holder of the key in an Authorization header. Raises Problem (401)."""
        scheme, _, key = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise _unauthorized("Send your key in the header Authorization: Bearer KEY")
        return await self.holder(digest_of(key.strip()))

    async def holder(self, digest: bytes) -> Principal:
        """The holder of the key with this SHA-256. Raises Problem (401)."""
        if hmac.compare_digest(digest, self._admin):
            return Principal(DEFAULT_CLIENT, "default", frozenset(Scope))
        principal = await self._known(digest)
        if principal is None:
            raise _unauthorized("This key is not known, was revoked or has expired")
        return principal

    async def _known(self, digest: bytes) -> Principal | None:
        now = self._clock()
        asked_at, principal = self._remembered.get(digest, (-_REMEMBERED_S, None))
        if now - asked_at < _REMEMBERED_S:
            return principal
        holder = await client_keys.holder_of(self._pool, digest)
        if holder is not None:
            known = with_included(scope for scope in Scope if scope in holder.scopes)
            principal = Principal(holder.client_id, holder.client_name, known, holder.key_id, holder.key_name)
        else:
            principal = None
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        self._remembered[digest] = (now, principal)
        return principal


def digest_of(key: str) -> bytes:
    """What a key is compared and looked up by."""
    return sha256(key.encode("latin-1", "replace")).digest()


def require(principal: Principal, scope: Scope) -> None:
    """Raises Problem (403) where the key lacks the scope."""
    if scope not in principal.scopes:
        detail = f"This key lacks the scope {scope}"
        raise Problem(HTTPStatus.FORBIDDEN, "missing_scope", detail, extra={"scope": scope.value})


def _unauthorized(detail: str) -> Problem:
    headers = {"WWW-Authenticate": 'Bearer realm="reelwork"'}
    return Problem(HTTPStatus.UNAUTHORIZED, "unauthorized", detail, headers=headers)
