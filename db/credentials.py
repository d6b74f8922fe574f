"""Provider keys, sealed: found or kept for a lane, stored by clients, re-sealed when the encryption key changes."""

from dataclasses import dataclass, field
from typing import Literal
from uuid import UUID, uuid4

from db.connection import Executor
from db.crypto import Sealer
from db.tables import Credential

Source = Literal["server", "stored", "call"]

_FIND = """
SELECT id, revoked_at FROM reelwork.credentials WHERE client_id = $1 AND lane_id = $2 AND source = $3 FOR KEY SHARE
"""
_KEEP = """
INSERT INTO reelwork.credentials (id, client_id, lane_id, source, sealed, last4) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (client_id, lane_id, source) DO NOTHING RETURNING id
"""
_RESEAL = "UPDATE reelwork.credentials SET sealed = $2, revoked_at = NULL WHERE id = $1"
_STORED = """
SELECT c.id, c.lane_id FROM reelwork.credentials c JOIN reelwork.lanes l ON l.id = c.lane_id
WHERE c.client_id = $1 AND c.source = 'stored' AND c.revoked_at IS NULL AND l.kind = $2 AND l.base_url = $3
ORDER BY c.created_at DESC LIMIT 1 FOR KEY SHARE OF c
"""
_LIST = """
SELECT c.id, c.client_id, c.lane_id, c.source, c.sealed, c.last4, c.created_at, c.revoked_at, l.kind, l.base_url
FROM reelwork.credentials c JOIN reelwork.lanes l ON l.id = c.lane_id
WHERE $1::uuid IS NULL OR (c.client_id = $1 AND c.source <> 'server')
ORDER BY c.created_at, c.id
"""
_REVOKE = """
UPDATE reelwork.credentials SET revoked_at = now()
WHERE id = $1 AND revoked_at IS NULL AND ($2::uuid IS NULL OR (client_id = $2 AND source <> 'server')) RETURNING 1
"""
_AFTER = """
SELECT c.id, c.lane_id, c.sealed, l.project, l.location, l.output_uri FROM reelwork.credentials c
JOIN reelwork.lanes l ON l.id = c.lane_id
WHERE c.id > $1 ORDER BY c.id LIMIT $2
"""
_REPLACE = "UPDATE reelwork.credentials SET sealed = $2 WHERE id = $1 AND sealed = $3 RETURNING 1"
_SEALED = """
SELECT c.sealed, l.kind, l.base_url, l.server, l.project, l.location, l.output_uri
FROM reelwork.credentials c JOIN reelwork.lanes l ON l.id = c.lane_id WHERE c.id = $1
"""


@dataclass(frozen=True, slots=True)
class NewCredential:
    """A plain key on its way into a row. `client_id` is who it belongs to."""

    client_id: UUID
    lane_id: UUID
    source: Source
    secret: str = field(repr=False)
    last4: str = ""


@dataclass(frozen=True, slots=True)
class ListedCredential:
    """A row with the account it is for; nobody outside `db` and the worker needs its ciphertext."""

    credential: Credential
    kind: str
    base_url: str


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a job names: the lane it waits on and the credential it keeps."""

    lane_id: UUID
    credential_id: UUID


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """An account with its plain key, for a call to its provider."""

    kind: str
    base_url: str
    secret: str = field(repr=False)
    server: str | None
    project: str | None
    location: str | None
    output_uri: str | None


@dataclass(frozen=True, slots=True)
class SealedKey:
    """A credential's ciphertext, and what besides the key its lane is recognised by."""

    id: UUID
    lane_id: UUID
    sealed: bytes = field(repr=False)
    project: str | None
    location: str | None
    output_uri: str | None


async def find_or_keep(conn: Executor, sealer: Sealer, key: NewCredential) -> UUID:
    """The row of this client's key on its lane, sealed there if it is new; locked against removal until commit."""
    while True:
        row = await conn.fetchrow(_FIND, key.client_id, key.lane_id, key.source)
        if row is not None:
            if row["revoked_at"] is not None:
                await conn.execute(_RESEAL, row["id"], sealer.seal(key.secret, row["id"]))
            known: UUID = row["id"]
            return known
        fresh = uuid4()
        sealed = sealer.seal(key.secret, fresh)
        if await conn.fetchval(_KEEP, fresh, key.client_id, key.lane_id, key.source, sealed, key.last4):
            return fresh


async def stored_for(conn: Executor, client_id: UUID, kind: str, base_url: str) -> Pinned | None:
    """The newest key that this client has stored for calls there; None without one."""
    row = await conn.fetchrow(_STORED, client_id, kind, base_url)
    return Pinned(row["lane_id"], row["id"]) if row else None


async def listed(conn: Executor, client_id: UUID | None) -> list[ListedCredential]:
    """The credentials that one client has brought, or all there are, the server's own among them."""
    rows = await conn.fetch(_LIST, client_id)
    return [ListedCredential(Credential.of(row), row["kind"], row["base_url"]) for row in rows]


async def revoke(conn: Executor, credential_id: UUID, client_id: UUID | None) -> bool:
    """No new video uses it; those that have it go on with it. False where the client (None: any) has none to revoke."""
    return await conn.fetchval(_REVOKE, credential_id, client_id) is not None


async def opened(conn: Executor, sealer: Sealer, credential_id: UUID) -> OpenedAccount:
    """The account of a job's credential with its plain key. Raises CannotOpen; LookupError where there is no row."""
    row = await conn.fetchrow(_SEALED, credential_id)
    if row is None:
        raise LookupError("there is no such credential")
    secret = sealer.open(row["sealed"], credential_id)
    place = (row["server"], row["project"], row["location"], row["output_uri"])
    return OpenedAccount(row["kind"], row["base_url"], secret, *place)


async def after(conn: Executor, last: UUID, limit: int) -> list[SealedKey]:
    """The next credentials in the order of their ids, for a walk over all of them."""
    return [SealedKey(**dict(row)) for row in await conn.fetch(_AFTER, last, limit)]


async def replace_sealed(conn: Executor, credential_id: UUID, sealed: bytes, old: bytes) -> bool:
    """Put a new ciphertext of the same key in place of the old one; False where it has changed meanwhile."""
    return await conn.fetchval(_REPLACE, credential_id, sealed, old) is not None
