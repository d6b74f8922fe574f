"""Other sessions in the way: waiting until they are where a test wants them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from db.connection import Database, Pool, connect

_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active'
"""


async def until_waiting(pool: Pool, number: int) -> None:
    """Return when that many sessions of this database wait for a lock."""
    async with asyncio.timeout(10):
        while await pool.fetchval(_WAITING) < number:
            await asyncio.sleep(0.01)


@asynccontextmanager
async def session(database: Database) -> AsyncIterator[Any]:
    """A connection outside the pool, as another process has it."""
    connection = await connect(database)
    try:
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def locked_lane(database: Database, lane: UUID) -> AsyncIterator[Any]:
    """Somebody holds the lane's row, as a process does that was frozen inside a transaction; let go at the end."""
    async with _holding(database, "SELECT 1 FROM reelwork.lanes WHERE id = $1 FOR NO KEY UPDATE", lane) as other:
        yield other


@asynccontextmanager
async def locked_job(database: Database, job_id: UUID) -> AsyncIterator[Any]:
    """Somebody holds the job's row until the end of the block."""
    async with _holding(database, "SELECT 1 FROM reelwork.video_jobs WHERE id = $1 FOR UPDATE", job_id) as other:
        yield other


@asynccontextmanager
async def _holding(database: Database, statement: str, row: UUID) -> AsyncIterator[Any]:
    async with session(database) as other:
        await other.execute("BEGIN")
        await other.execute(statement, row)
        yield other
        await other.execute("ROLLBACK")
