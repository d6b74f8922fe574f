"""Clients' API keys: whose a key is, made, replaced with an overlap, and revoked. Only their SHA-256 is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from db.connection import Executor
from db.tables import ClientKey

_HOLDER = """
SELECT k.id, k.client_id, c.name, k.scopes, k.name AS key_name
FROM reelwork.client_keys k JOIN reelwork.clients c ON c.id = k.client_id
WHERE k.key_hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
"""
_USED = """
UPDATE reelwork.client_keys SET last_used_at = now()
WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
"""
_LIST = """
SELECT id, client_id, name, prefix, scopes, created_at, expires_at, revoked_at, last_used_at
FROM reelwork.client_keys ORDER BY created_at, id
"""
_ADD = """
INSERT INTO reelwork.client_keys (id, client_id, name, prefix, key_hash, scopes, expires_at)
VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6)
RETURNING id, client_id, name, prefix, scopes, created_at, expires_at, revoked_at, last_used_at
"""
_REVOKE = "UPDATE reelwork.client_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING 1"
_LIVING = """
SELECT id, client_id, name, prefix, scopes, created_at, expires_at, revoked_at, last_used_at FROM reelwork.client_keys
WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) FOR NO KEY UPDATE
"""
_END = """
UPDATE reelwork.client_keys SET expires_at = least(expires_at, now() + $2::interval) WHERE id = $1 RETURNING expires_at
"""


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whose key it is and what it may do."""

    key_id: UUID
    client_id: UUID
    client_name: str
    scopes: frozenset[str]
    key_name: str


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as it is stored: its SHA-256, and the first characters to recognise it by."""

    client_id: UUID
    name: str
    prefix: str
    key_hash: bytes
    scopes: tuple[str, ...]
    expires_at: datetime | None = None


async def holder_of(conn: Executor, key_hash: bytes) -> KeyHolder | None:
    """Who holds the key with this SHA-256; None where there is none, or it was revoked or has expired."""
    row = await conn.fetchrow(_HOLDER, key_hash)
    if row is None:
        return None
    await conn.execute(_USED, row["id"])
    return KeyHolder(row["id"], row["client_id"], row["name"], frozenset(row["scopes"]), row["key_name"])


async def listed(conn: Executor) -> list[ClientKey]:
    """All keys without their hashes, oldest first."""
    return [ClientKey.of(row) for row in await conn.fetch(_LIST)]


async def add(conn: Executor, key: NewKey) -> ClientKey:
    row = await conn.fetchrow(_ADD, key.client_id, key.name, key.prefix, key.key_hash, list(key.scopes), key.expires_at)
    return ClientKey.of(row)


async def revoke(conn: Executor, key_id: UUID) -> bool:
    """False where there is no such key, or it is revoked already."""
    return await conn.fetchval(_REVOKE, key_id) is not None


async def living(conn: Executor, key_id: UUID) -> ClientKey | None:
    """A key that still opens something, locked until the transaction ends; None where there is none."""
    row = await conn.fetchrow(_LIVING, key_id)
    return ClientKey.of(row) if row else None


async def end(conn: Executor, key_id: UUID, overlap: timedelta) -> datetime:
    """Let a key open nothing after the overlap, or after its own end where that comes first; returns when that is."""
    ends: datetime = await conn.fetchval(_END, key_id, overlap)
    return ends
