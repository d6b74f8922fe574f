"""Jobs as callers see them: one by its id, a storyboard's, a page of them, and a job's timeline."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from db.connection import Executor, Record
from db.states import ENDED, JobState
from db.tables import JobEvent, VideoJob

_JOBS = """
SELECT id, client_id, lane_id, credential_id, storyboard_id, scene_id, kind, server, model, requested_model, adjusted,
  prompt, params, caller_metadata, end_user_id, webhook_url, face, simulated, state, priority, run_at, expires_at,
  attempt, attempts_made, provider_job_id, progress, result, cancel_requested_at, error_code, error_message,
  estimate_micros, cost_micros, video_key, poster_key, created_at, started_at, completed_at, review_at, now() AS read_at
FROM reelwork.video_jobs
WHERE id = ANY ($1::uuid[]) AND ($2::uuid IS NULL OR client_id = $2)
"""

_STORYBOARD = """
SELECT j.id FROM reelwork.clients c
JOIN reelwork.video_jobs j ON j.client_id = c.id AND j.storyboard_id = $1 AND j.state <> 'deleting'
WHERE $2::uuid IS NULL OR c.id = $2
ORDER BY j.created_at, j.id
"""

# Three ways to one list, because no single statement is fast for all of them on a million rows.
# One client after another, so that the index over (client, time, id) serves a reader of all clients too.
_PAGE = """
SELECT j.id FROM reelwork.clients c, LATERAL (
  SELECT id, created_at FROM reelwork.video_jobs
  WHERE client_id = c.id AND (created_at, id) < ($2, $3) AND state = ANY ($4)
  ORDER BY created_at DESC, id DESC LIMIT $5
) j
WHERE $1::uuid IS NULL OR c.id = $1
ORDER BY j.created_at DESC, j.id DESC LIMIT $5
"""

_PAGE_ASCENDING = """
SELECT j.id FROM reelwork.clients c, LATERAL (
  SELECT id, created_at FROM reelwork.video_jobs
  WHERE client_id = c.id AND (created_at, id) > ($2, $3) AND state = ANY ($4)
  ORDER BY created_at, id LIMIT $5
) j
WHERE $1::uuid IS NULL OR c.id = $1
ORDER BY j.created_at, j.id LIMIT $5
"""

_PAGE_OF_UNFINISHED = """
WITH found AS MATERIALIZED (
  SELECT id, client_id, created_at FROM reelwork.video_jobs WHERE state = ANY ($4)
)
SELECT id FROM found
WHERE ($1::uuid IS NULL OR client_id = $1) AND (created_at, id) < ($2, $3)
ORDER BY created_at DESC, id DESC LIMIT $5
"""

_PAGE_OF_STORYBOARD = """
WITH found AS MATERIALIZED (
  SELECT j.id, j.created_at, j.state FROM reelwork.clients c
  JOIN reelwork.video_jobs j ON j.client_id = c.id AND j.storyboard_id = $6
  WHERE $1::uuid IS NULL OR c.id = $1
)
SELECT id FROM found WHERE (created_at, id) < ($2, $3) AND state = ANY ($4)
ORDER BY created_at DESC, id DESC LIMIT $5
"""

_EVENTS = """
SELECT id, job_id, at, type, state, attempt, worker, data FROM reelwork.job_events WHERE job_id = $1 ORDER BY id
"""

_PROVIDER_ID_OWNER = """
SELECT job_id FROM reelwork.submissions WHERE lane_id = $1 AND provider_id = $2
"""

NEWEST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))
"""Where a list begins: before everything."""

OLDEST = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))
"""Where a list that begins with the oldest begins."""


@dataclass(frozen=True, slots=True)
class SeenJob:
    """A row as it stood at `read_at`, by the database's clock."""

    row: VideoJob
    read_at: datetime


async def job(conn: Executor, job_id: UUID, client_id: UUID | None) -> SeenJob | None:
    """The job, or None where it is not there or belongs to another client (None: any client's)."""
    record = await conn.fetchrow(_JOBS, [job_id], client_id)
    return _seen(record) if record else None


async def jobs(conn: Executor, job_ids: list[UUID], client_id: UUID | None) -> list[SeenJob]:
    """These jobs, those of another client left out, in the order of the ids given."""
    seen = {record["id"]: _seen(record) for record in await conn.fetch(_JOBS, job_ids, client_id)}
    return [seen[job_id] for job_id in job_ids if job_id in seen]


async def storyboard(conn: Executor, storyboard_id: str, client_id: UUID | None) -> list[SeenJob]:
    """All jobs of a storyboard, in the order in which they were accepted."""
    return await _in_order(conn, await conn.fetch(_STORYBOARD, storyboard_id, client_id))


@dataclass(frozen=True, slots=True)
class Filter:
    """Which jobs to list; None is any. `after` is the creation time and id of the last job already shown."""

    client_id: UUID | None = None
    states: tuple[JobState, ...] = tuple(state for state in JobState if state is not JobState.DELETING)
    storyboard_id: str | None = None
    after: tuple[datetime, UUID] = NEWEST


async def page(conn: Executor, wanted: Filter, limit: int) -> list[SeenJob]:
    """The next jobs, newest first."""
    values = (wanted.client_id, *wanted.after, [str(state) for state in wanted.states], limit)
    if wanted.storyboard_id is not None:
        found = await conn.fetch(_PAGE_OF_STORYBOARD, *values, wanted.storyboard_id)
    else:
        found = await conn.fetch(_PAGE if set(wanted.states) & set(ENDED) else _PAGE_OF_UNFINISHED, *values)
    return await _in_order(conn, found)


async def page_ascending(conn: Executor, wanted: Filter, limit: int) -> list[SeenJob]:
    """The next jobs, oldest first, of all storyboards; its `after` is the last job shown, or OLDEST."""
    states = [str(state) for state in wanted.states]
    return await _in_order(conn, await conn.fetch(_PAGE_ASCENDING, wanted.client_id, *wanted.after, states, limit))


async def events(conn: Executor, job_id: UUID) -> list[JobEvent]:
    """The job's timeline, oldest first."""
    return [JobEvent.of(record) for record in await conn.fetch(_EVENTS, job_id)]


async def owner_of_provider_id(conn: Executor, lane_id: UUID, provider_id: str) -> UUID | None:
    """The job that this provider's id belongs to on a lane; None where it is free."""
    found: UUID | None = await conn.fetchval(_PROVIDER_ID_OWNER, lane_id, provider_id)
    return found


async def _in_order(conn: Executor, ids: list[Record]) -> list[SeenJob]:
    return await jobs(conn, [row["id"] for row in ids], None) if ids else []


def _seen(record: Record) -> SeenJob:
    columns = dict(record)
    read_at = columns.pop("read_at")
    return SeenJob(VideoJob.of(columns), read_at)
