"""Clients and their API keys: who a key belongs to, and the rows behind them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db.connection import Executor
from db.tables import Client, ClientKey

_HOLDER = """
SELECT k.id, k.client_id, c.name, k.scopes FROM reelwork.client_keys k JOIN reelwork.clients c ON c.id = k.client_id
WHERE k.key_hash = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
"""
_USED = """
UPDATE reelwork.client_keys SET last_used_at = now()
WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
"""
_LOCK = "SELECT 1 FROM reelwork.clients WHERE id = $1 FOR NO KEY UPDATE"
_LIST = "SELECT id, name, weight, created_at FROM reelwork.clients ORDER BY created_at, id"
_MAKE = """
INSERT INTO reelwork.clients (id, name, weight) VALUES (gen_random_uuid(), $1, $2)
ON CONFLICT (name) DO NOTHING RETURNING id, name, weight, created_at
"""
_BY_NAME = "SELECT id, name, weight, created_at FROM reelwork.clients WHERE name = $1"
_KEYS = """
SELECT id, client_id, name, prefix, scopes, created_at, expires_at, revoked_at, last_used_at
FROM reelwork.client_keys ORDER BY created_at, id
"""
_ADD_KEY = """
INSERT INTO reelwork.client_keys (id, client_id, name, prefix, key_hash, scopes, expires_at)
VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, $6)
RETURNING id, client_id, name, prefix, scopes, created_at, expires_at, revoked_at, last_used_at
"""
_REVOKE_KEY = "UPDATE reelwork.client_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING 1"


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whose key it is and what it may do."""

    key_id: UUID
    client_id: UUID
    client_name: str
    scopes: frozenset[str]


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
    return KeyHolder(row["id"], row["client_id"], row["name"], frozenset(row["scopes"]))


async def lock(conn: Executor, client_id: UUID) -> bool:
    """Let this client's creates go one after another until the transaction ends; False where there is no such client.

    First in the order of locks: client, lane, job by id, ledger.
    """
    return await conn.fetchval(_LOCK, client_id) is not None


async def listed(conn: Executor) -> list[Client]:
    return [Client.of(row) for row in await conn.fetch(_LIST)]


async def make(conn: Executor, name: str, weight: float = 1.0) -> Client | None:
    """A new client; None where the name is taken."""
    row = await conn.fetchrow(_MAKE, name, weight)
    return Client.of(row) if row else None


async def named(conn: Executor, name: str) -> Client | None:
    row = await conn.fetchrow(_BY_NAME, name)
    return Client.of(row) if row else None


async def keys(conn: Executor) -> list[ClientKey]:
    """All keys without their hashes, oldest first."""
    return [ClientKey.of(row) for row in await conn.fetch(_KEYS)]


async def add_key(conn: Executor, key: NewKey) -> ClientKey:
    row = await conn.fetchrow(
        _ADD_KEY, key.client_id, key.name, key.prefix, key.key_hash, list(key.scopes), key.expires_at
    )
    return ClientKey.of(row)


async def revoke_key(conn: Executor, key_id: UUID) -> bool:
    """False where there is no such key, or it is revoked already."""
    return await conn.fetchval(_REVOKE_KEY, key_id) is not None
