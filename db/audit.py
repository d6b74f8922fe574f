"""What operators and administrators did, by which key, when, and to what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db.connection import Executor
from db.tables import AuditLine

_NOTE = """
INSERT INTO reelwork.audit (key_id, who, action, target, data)
SELECT $1, $2, $3, target, $5 FROM unnest($4::text[]) AS named (target)
"""

_LIST = """
SELECT id, at, key_id, who, action, target, data FROM reelwork.audit
WHERE id < $1 AND ($2::text IS NULL OR target = $2)
ORDER BY id DESC LIMIT $3
"""

LATEST = 2**63 - 1
"""Where the list begins."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act. `who` is the client's and the key's name as they were then."""

    key_id: UUID | None
    who: str
    action: str
    target: str | None
    data: dict[str, Any]


async def note(conn: Executor, entry: Entry, targets: Sequence[str | None] | None = None) -> None:
    """Write it down, once for each target where it had several."""
    named = [entry.target] if targets is None else list(targets)
    await conn.execute(_NOTE, entry.key_id, entry.who, entry.action, named, entry.data)


async def listed(conn: Executor, before: int, target: str | None, limit: int) -> list[AuditLine]:
    """Lines with ids below `before`, newest first, of one target or of all."""
    return [AuditLine.of(row) for row in await conn.fetch(_LIST, before, target, limit)]
