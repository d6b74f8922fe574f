"""This installation's one row: who it is, and whether all spending is paused."""

from uuid import UUID

import asyncpg

from db.connection import Executor
from db.tables import Installation

_READ = """
SELECT only_row, id, epoch, paused, pause_reason, created_at, mark, marked_at, restored_at FROM reelwork.installation
"""
_PAUSE = "UPDATE reelwork.installation SET paused = true, pause_reason = $1"
_RESUME = """
UPDATE reelwork.installation SET paused = false, pause_reason = NULL WHERE restored_at IS NULL RETURNING 1
"""
_REVISION = "SELECT version_num FROM reelwork.alembic_version"


async def read(conn: Executor) -> Installation:
    """The row; LookupError where the database was never migrated that far."""
    row = await conn.fetchrow(_READ)
    if row is None:
        raise LookupError("the database has no installation row: run python -m db.migrate")
    return Installation.of(row)


async def installation_id(conn: Executor) -> UUID:
    return (await read(conn)).id


async def pause(conn: Executor, reason: str) -> None:
    """Stop all starts, in every process, over restarts too; what runs is waited for and collected."""
    await conn.execute(_PAUSE, reason)


async def resume(conn: Executor) -> bool:
    """Let starts go on. False where the database is a restored dump: only working it off lifts that pause."""
    return await conn.fetchval(_RESUME) is not None


async def revision(conn: Executor) -> str | None:
    """The migration the database stands at; None where it was never migrated."""
    try:
        found: str | None = await conn.fetchval(_REVISION)
    except asyncpg.UndefinedTableError:
        return None
    return found
