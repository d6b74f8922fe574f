"""Leases: one row a process, one statement a heartbeat, and the adoption of what a dead process held."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from db.connection import Executor
from db.tables import Worker

_REGISTER = """
INSERT INTO reelwork.workers (id, host, pid, version, capacity) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO NOTHING
"""

_BEAT = """
UPDATE reelwork.workers SET beat = now(), in_flight = $2, draining = $3, rss_bytes = $4
WHERE id = $1 AND ended_at IS NULL
RETURNING 1
"""

_EXPIRE = """
UPDATE reelwork.workers SET ended_at = now()
WHERE ended_at IS NULL AND now() - greatest(beat, pg_postmaster_start_time()) > $1::interval
RETURNING id
"""

_ADOPT = """
WITH free AS MATERIALIZED (
  SELECT j.id FROM reelwork.video_jobs j
  WHERE EXISTS (SELECT 1 FROM reelwork.workers WHERE id = $1 AND ended_at IS NULL)
    AND j.state IN ('submitting', 'generating', 'collecting')
    AND (j.owner IS NULL OR j.owner = ANY (ARRAY(SELECT id FROM reelwork.workers WHERE ended_at IS NOT NULL)))
  ORDER BY j.id LIMIT $2 FOR UPDATE SKIP LOCKED
), taken AS (
  UPDATE reelwork.video_jobs j SET owner = $1, epoch = j.epoch + 1, updated_at = now()
  FROM free WHERE j.id = free.id RETURNING j.id, j.state, j.attempt
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, worker)
  SELECT id, 'adopted', state, attempt, $1 FROM taken
)
SELECT id FROM taken
"""

_READOPT = """
WITH mine AS MATERIALIZED (
  SELECT id FROM reelwork.video_jobs
  WHERE id = ANY ($2::uuid[]) AND owner = $1 AND state IN ('submitting', 'generating', 'collecting')
    AND EXISTS (SELECT 1 FROM reelwork.workers WHERE id = $1 AND ended_at IS NULL)
  ORDER BY id FOR UPDATE
)
UPDATE reelwork.video_jobs j SET epoch = j.epoch + 1, updated_at = now() FROM mine WHERE j.id = mine.id RETURNING j.id
"""

_OWNED = """
SELECT id, epoch, cancel_requested_at IS NOT NULL AS cancel FROM reelwork.video_jobs
WHERE owner = $1 AND state IN ('submitting', 'generating', 'collecting')
"""

_RELEASE = """
WITH held AS MATERIALIZED (
  SELECT id FROM reelwork.video_jobs
  WHERE owner = $1 AND state IN ('submitting', 'generating', 'collecting') AND NOT id = ANY ($2::uuid[])
  ORDER BY id FOR UPDATE
), freed AS (
  UPDATE reelwork.video_jobs j SET owner = NULL, updated_at = now() FROM held WHERE j.id = held.id
  RETURNING j.id, j.state, j.attempt
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, worker)
  SELECT id, 'released', state, attempt, $1 FROM freed
)
SELECT count(*) FROM freed
"""

_LEAVE = "UPDATE reelwork.workers SET ended_at = coalesce(ended_at, now()), in_flight = 0 WHERE id = $1"

_LIVING = "SELECT count(*) FROM reelwork.workers WHERE ended_at IS NULL AND beat > now() - $1::interval"

_FORGET = """
DELETE FROM reelwork.workers w
WHERE w.ended_at < now() - $1::interval
  AND NOT EXISTS (
    SELECT 1 FROM reelwork.video_jobs j
    WHERE j.owner = w.id AND j.state IN ('submitting', 'generating', 'collecting'))
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A row this worker owns, as the database sees it. `cancel` says that somebody asked for its end."""

    job_id: UUID
    epoch: int
    cancel: bool


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a heartbeat tells of its process; memory in bytes, None where the system does not say."""

    in_flight: int
    draining: bool
    rss_bytes: int | None


async def register(conn: Executor, worker: Worker) -> None:
    """Make a new incarnation known; its id must never have been used before."""
    await conn.execute(_REGISTER, worker.id, worker.host, worker.pid, worker.version, worker.capacity)


async def beat(conn: Executor, worker_id: UUID, pulse: Pulse) -> bool:
    """Renew the lease, however late, unless somebody ended it.

    False: this incarnation is dead for good, and what it held may have been adopted.
    """
    alive = await conn.fetchval(_BEAT, worker_id, pulse.in_flight, pulse.draining, pulse.rss_bytes)
    return alive is not None


async def expire(conn: Executor, lease: timedelta) -> list[UUID]:
    """Declare every worker dead that was silent for a whole lease; the server's own restart does not count."""
    return [row["id"] for row in await conn.fetch(_EXPIRE, lease)]


async def adopt(conn: Executor, worker_id: UUID, limit: int) -> list[UUID]:
    """Take over at most `limit` videos that no living worker holds; each gets a new epoch. Loop until it is empty.

    A worker that was called dead itself gets none, here and in a claim: it may have stood still before it asked.
    """
    return [row["id"] for row in await conn.fetch(_ADOPT, worker_id, limit)]


async def readopt(conn: Executor, worker_id: UUID, job_ids: list[UUID]) -> list[UUID]:
    """Give rows that this worker owns but does not run a new epoch; returns those that are still its own."""
    return [row["id"] for row in await conn.fetch(_READOPT, worker_id, job_ids)]


async def owned(conn: Executor, worker_id: UUID) -> list[Held]:
    """Every row that names this worker as its owner."""
    return [Held(row["id"], row["epoch"], row["cancel"]) for row in await conn.fetch(_OWNED, worker_id)]


async def release(conn: Executor, worker_id: UUID, keep: list[UUID]) -> int:
    """Give up every row but those in `keep`, for others to adopt at once; returns how many."""
    freed: int = await conn.fetchval(_RELEASE, worker_id, keep)
    return freed


async def leave(conn: Executor, worker_id: UUID) -> None:
    """The last word of a process that ends in order: what it still holds is free at once."""
    await conn.execute(_LEAVE, worker_id)


async def living(conn: Executor, lease: timedelta) -> int:
    """How many workers were heard of within a lease."""
    count: int = await conn.fetchval(_LIVING, lease)
    return count


async def forget(conn: Executor, older_than: timedelta) -> None:
    """Drop the rows of processes long gone that hold nothing."""
    await conn.execute(_FORGET, older_than)
