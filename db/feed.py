"""What is new in the timelines: for watchers who want to hear of changes as they come.

The lines of one job are written under its row's lock, so its ids come in the order of their commits; those of different
jobs do not. So news are read job by job, and a short stretch of the newest ids is looked at more than once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from db.connection import Executor
from db.tables import JobEvent

_NEWEST = "SELECT coalesce(max(id), 0) FROM reelwork.job_events"

_CHANGED = """
SELECT DISTINCT job_id FROM (
  SELECT job_id FROM reelwork.job_events WHERE id > $1 ORDER BY id DESC LIMIT $2
) newest
"""

_LINES = """
SELECT e.id, e.job_id, e.at, e.type, e.state, e.attempt, e.worker, e.data
FROM unnest($1::uuid[], $2::bigint[]) AS u (job_id, after), LATERAL (
  SELECT * FROM reelwork.job_events WHERE job_id = u.job_id AND id > u.after ORDER BY id LIMIT $3
) e
ORDER BY e.id
"""

_JOBS = """
SELECT j.id FROM reelwork.video_jobs j
WHERE ($1::uuid IS NULL OR j.client_id = $1) AND ($2::text IS NULL OR j.storyboard_id = $2) AND j.state <> 'deleting'
  AND EXISTS (SELECT 1 FROM reelwork.job_events e WHERE e.job_id = j.id AND e.id > $3)
ORDER BY j.created_at, j.id LIMIT $4
"""

_SINCE = """
SELECT e.id, e.job_id, e.at, e.type, e.state, e.attempt, e.worker, e.data
FROM (SELECT * FROM reelwork.job_events WHERE id > $2 ORDER BY id LIMIT $3) e
JOIN reelwork.video_jobs j ON j.id = e.job_id
WHERE ($1::uuid IS NULL OR j.client_id = $1) AND j.state <> 'deleting'
ORDER BY e.id
"""


@dataclass(frozen=True, slots=True)
class Look:
    """How many rows one look may bring."""

    jobs: int = 2000
    lines_a_job: int = 200
    replayed: int = 5000


async def newest(conn: Executor) -> int:
    """The id of the newest line; 0 where there is none."""
    found: int = await conn.fetchval(_NEWEST)
    return found


async def changed(conn: Executor, after: int, look: Look) -> list[UUID]:
    """The jobs that have lines with ids above `after`."""
    return [row["job_id"] for row in await conn.fetch(_CHANGED, after, look.jobs)]


async def lines(conn: Executor, after: Mapping[UUID, int], look: Look) -> list[JobEvent]:
    """Each job's lines above its own id, oldest first."""
    found = await conn.fetch(_LINES, list(after), list(after.values()), look.lines_a_job)
    return [JobEvent.of(record) for record in found]


async def jobs_of_storyboard(
    conn: Executor, client_id: UUID | None, storyboard_id: str, after: int, look: Look
) -> list[UUID]:
    """The storyboard's jobs that have lines above `after`, in the order in which they were accepted."""
    return [row["id"] for row in await conn.fetch(_JOBS, client_id, storyboard_id, after, look.jobs)]


async def since(conn: Executor, client_id: UUID | None, after: int, look: Look) -> list[JobEvent]:
    """The lines of all of a client's jobs (None: everybody's) above `after`, oldest first."""
    return [JobEvent.of(record) for record in await conn.fetch(_SINCE, client_id, after, look.replayed)]
