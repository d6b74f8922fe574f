"""Whether this database is the newest state of its installation, or was restored from an older one.

Storage remembers a mark that grows with the database's own every minute. The row is always written first, so a copy in
storage that is ahead of the row was written by a later state than this one: what was paid for since then is not known.
"""

import json
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

import asyncpg

from db import installation
from db.connection import Executor
from db.tables import Installation

PAUSED_BY = "the database was restored from an older state"

_NOTICE = """
UPDATE reelwork.installation SET
  restored_at = now(), paused = true, pause_reason = CASE WHEN paused THEN pause_reason ELSE $3 END
WHERE restored_at IS NULL AND (mark < $1 OR (mark = $1 AND epoch <> $2))
"""

_BEGIN = """
UPDATE reelwork.installation SET
  restored_at = coalesce(restored_at, now()), paused = true,
  pause_reason = CASE WHEN paused THEN pause_reason ELSE $1 END
RETURNING restored_at
"""

_ADVANCE = """
UPDATE reelwork.installation SET mark = mark + 1, marked_at = now()
WHERE restored_at IS NULL AND (marked_at IS NULL OR marked_at < now() - interval '50 seconds')
RETURNING mark
"""

_END = """
UPDATE reelwork.installation SET
  epoch = gen_random_uuid(), mark = greatest(mark, $1) + 1, marked_at = now(), restored_at = NULL,
  pause_reason = CASE WHEN pause_reason <> $2 THEN pause_reason END, paused = pause_reason IS DISTINCT FROM $2
"""


class Notes(Protocol):
    """Where a mark outlives the database: a small text under a name."""

    async def recall(self, name: str) -> str | None: ...

    async def remember(self, name: str, text: str) -> None: ...


async def keep(conn: Executor, notes: Notes) -> Installation:
    """Compare with the copy in `notes` and move both on, at most once a minute however many ask.

    The answer's `restored_at` is set where this database is older than its copy. Raises what `notes` raises, and
    LookupError where the database is not migrated that far.
    """
    try:
        return await _kept(conn, notes)
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InvalidSchemaNameError) as error:
        raise LookupError("the database is not at this release's migration") from error


async def begin(conn: Executor) -> datetime:
    """Hold everything, as if the database had been found to be older; returns since when that is so."""
    since: datetime = await conn.fetchval(_BEGIN, PAUSED_BY)
    return since


async def end(conn: Executor, notes: Notes) -> None:
    """The restored state is worked off and is the newest from now on; a pause by a person stays."""
    name = _name(await installation.read(conn))
    number, _ = _parsed(await notes.recall(name))
    await conn.execute(_END, number, PAUSED_BY)
    await notes.remember(name, _text(await installation.read(conn)))


def advice(row: Installation) -> str:
    """What to do about a restored database, in one sentence."""
    at = (row.marked_at or row.created_at).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"{PAUSED_BY}, nothing moves until it is worked off: run python -m app.restored --at {at}"


async def _kept(conn: Executor, notes: Notes) -> Installation:
    name = _name(await installation.read(conn))
    number, epoch = _parsed(await notes.recall(name))
    if epoch is not None:
        await conn.execute(_NOTICE, number, epoch, PAUSED_BY)
    row = await installation.read(conn)
    if row.restored_at is None and await conn.fetchval(_ADVANCE) is not None:
        row = await installation.read(conn)
        await notes.remember(name, _text(row))
    return row


def _name(row: Installation) -> str:
    return f"history-{row.id}.json"


def _text(row: Installation) -> str:
    at = row.marked_at.isoformat() if row.marked_at else None
    return json.dumps({"mark": row.mark, "epoch": str(row.epoch), "at": at})


def _parsed(text: str | None) -> tuple[int, UUID | None]:
    """The remembered mark and its epoch; without a copy, or with one that nobody of ours wrote, the epoch is None."""
    try:
        found = json.loads(text or "{}")
        return int(found["mark"]), UUID(found["epoch"])
    except (ValueError, KeyError, TypeError):
        return 0, None
