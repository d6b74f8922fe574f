"""Keys that callers give their writes, each with the answer that it had.

A key's row is the first thing that the write's own transaction writes and its answer the last: a crash leaves nothing
or both, and a double waits on the unique index until the first one has ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import asyncpg

from db.connection import Executor

KEPT = timedelta(hours=24)

# Under the five seconds that the API waits for any statement, so that a double hears why it waited.
_PATIENT = "SET LOCAL lock_timeout = '4s'"
_USUAL = "SET LOCAL lock_timeout TO DEFAULT"
_CLAIM = """
INSERT INTO reelwork.idempotency_keys (id, client_id, key, request_hash) VALUES ($1, $2, $3, $4)
ON CONFLICT (client_id, key) DO NOTHING RETURNING id
"""
_FIND = "SELECT id, request_hash, sealed FROM reelwork.idempotency_keys WHERE client_id = $1 AND key IN ($2, $3)"
_KEEP = "UPDATE reelwork.idempotency_keys SET sealed = $2, end_users = $3 WHERE id = $1"
_FORGET = """
DELETE FROM reelwork.idempotency_keys WHERE id IN (
  SELECT id FROM reelwork.idempotency_keys WHERE created_at < now() - $1::interval ORDER BY created_at LIMIT $2)
"""


class StillRunning(Exception):
    """The first call with this key has not ended within a few seconds."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An earlier write under a key: what was asked, by its hash, and the sealed answer; None where it was erased."""

    id: UUID
    request_hash: bytes
    sealed: bytes | None = field(repr=False)


async def find(conn: Executor, client_id: UUID, key: str) -> Kept | None:
    """The write that a client has made under this key; None where there was none."""
    row = await conn.fetchrow(_FIND, client_id, key, forgotten_key(key))
    return Kept(**dict(row)) if row else None


async def claim(conn: Executor, client_id: UUID, key: str, request_hash: bytes) -> UUID | None:
    """Take the key for the write of this transaction, before anything else in it; None where it was taken before.

    Raises StillRunning where another transaction has it and does not end.
    """
    await conn.execute(_PATIENT)
    try:
        claimed: UUID | None = await conn.fetchval(_CLAIM, uuid4(), client_id, key, request_hash)
    except asyncpg.LockNotAvailableError as error:
        raise StillRunning from error
    await conn.execute(_USUAL)
    return claimed


async def keep(conn: Executor, claimed: UUID, sealed: bytes, end_users: Sequence[str]) -> None:
    """The answer of the write under a key that this transaction has claimed, and whom of the client's own users it is
    about."""
    await conn.execute(_KEEP, claimed, sealed, list(end_users) or None)


def forgotten_key(key: str) -> str:
    """What a key is kept as once its answer was erased, so that a repeat still finds it."""
    return "erased:" + sha256(key.encode()).hexdigest()


async def forget(conn: Executor, batch: int) -> int:
    """Drop keys past their day; returns how many."""
    return int((await conn.execute(_FORGET, KEPT, batch)).rpartition(" ")[2])
