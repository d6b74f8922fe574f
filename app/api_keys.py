"""Client keys: made of 256 random bits, shown once, kept as their SHA-256."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from app.scopes import Scope
from db import client_keys
from db.client_keys import NewKey
from db.connection import Executor
from db.tables import ClientKey

_START = "rw_"
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A new key's row, and the key itself for the one time that it is shown."""

    row: ClientKey
    key: str = field(repr=False)


async def issue(
    conn: Executor, client_id: UUID, name: str, scopes: Sequence[Scope], expires_at: datetime | None = None
) -> IssuedKey:
    """Make a key for a client and keep its hash."""
    key = _START + secrets.token_urlsafe(32)
    row = await client_keys.add(
        conn,
        NewKey(
            client_id=client_id,
            name=name,
            prefix=key[:_SHOWN],
            key_hash=sha256(key.encode()).digest(),
            scopes=tuple(scope.value for scope in scopes),
            expires_at=expires_at,
        ),
    )
    return IssuedKey(row, key)
