"""What may go, and when: in batches, never anything unfinished."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from db.connection import Executor

# From the lines to their jobs, never the other way: few lines are left at any time, and OFFSET keeps the planner to it.
_PROGRESS = """
WITH cut AS (
  SELECT s.state, greatest(
    now() - s.age::interval,
    (SELECT j.completed_at FROM reelwork.video_jobs j WHERE j.state = s.state
      ORDER BY j.completed_at DESC OFFSET s.newest LIMIT 1)) AS before
  FROM (VALUES ('completed', $1::interval, $2::int), ('failed', $3::interval, $4::int)) AS s (state, age, newest)
), gone AS (
  SELECT e.id FROM reelwork.job_events e
  CROSS JOIN LATERAL (SELECT state, completed_at FROM reelwork.video_jobs WHERE id = e.job_id OFFSET 0) j
  JOIN cut ON cut.state = j.state AND j.completed_at < cut.before
  WHERE e.type = 'progress' LIMIT $5
)
DELETE FROM reelwork.job_events WHERE id IN (SELECT id FROM gone)
"""

_EVENTS = """
DELETE FROM reelwork.job_events WHERE id IN (
  SELECT e.id FROM reelwork.job_events e
  WHERE e.at < now() - $1::interval AND NOT EXISTS (
    SELECT 1 FROM reelwork.video_jobs j
    WHERE j.id = e.job_id AND j.state NOT IN ('completed', 'failed', 'cancelled'))
  ORDER BY e.at LIMIT $2)
"""

_OLD_ROWS = """
SELECT id FROM reelwork.video_jobs
WHERE state IN ('completed', 'failed', 'cancelled') AND completed_at < now() - $1::interval
ORDER BY state, completed_at LIMIT $2
"""

_OLD_VIDEOS = """
SELECT id FROM reelwork.video_jobs
WHERE state = 'completed' AND completed_at < now() - $1::interval AND video_key IS NOT NULL
ORDER BY completed_at LIMIT $2
"""

_DELETING = """
SELECT id FROM reelwork.video_jobs
WHERE state = 'deleting' AND copy_due_at IS NULL AND updated_at < now() - interval '1 minute'
ORDER BY updated_at LIMIT $1
"""

_FORGET_VIDEO = """
UPDATE reelwork.video_jobs SET video_key = NULL, poster_key = NULL, updated_at = now()
WHERE id = $1 AND state = 'completed'
"""

_DISCARDED = """
SELECT id FROM reelwork.video_jobs
WHERE state = 'cancelled' AND result IS NOT NULL AND completed_at < now() - $1::interval
ORDER BY completed_at LIMIT $2
"""

_FORGET_RESULT = "UPDATE reelwork.video_jobs SET result = NULL WHERE id = $1 AND state = 'cancelled'"

_WANTS_FILES = "SELECT 1 FROM reelwork.video_jobs WHERE id = $1 AND state NOT IN ('cancelled', 'deleting')"

_COLLECTED_NOW = """
SELECT 1 FROM reelwork.video_jobs j JOIN reelwork.workers w ON w.id = j.owner AND w.ended_at IS NULL
WHERE j.id = $1 AND j.state = 'collecting'
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """How long live-progress data of ended videos stays, and of how many of the newest."""

    completed_for: timedelta
    completed_newest: int
    failed_for: timedelta
    failed_newest: int


async def trim_progress(conn: Executor, kept: Kept, batch: int) -> int:
    """Drop the progress lines of ended videos that are too old or too many; returns how many lines."""
    limits = (kept.completed_for, kept.completed_newest, kept.failed_for, kept.failed_newest)
    return _count(await conn.execute(_PROGRESS, *limits, batch))


async def trim_events(conn: Executor, older_than: timedelta, batch: int) -> int:
    """Drop timeline lines of ended or removed videos; returns how many."""
    return _count(await conn.execute(_EVENTS, older_than, batch))


async def old_rows(conn: Executor, older_than: timedelta, batch: int) -> list[UUID]:
    """Ended jobs whose rows and files may go."""
    return [row["id"] for row in await conn.fetch(_OLD_ROWS, older_than, batch)]


async def old_videos(conn: Executor, older_than: timedelta, batch: int) -> list[UUID]:
    """Completed jobs whose files may go while the row stays."""
    return [row["id"] for row in await conn.fetch(_OLD_VIDEOS, older_than, batch)]


async def half_deleted(conn: Executor, batch: int) -> list[UUID]:
    """Jobs whose removal was begun and not finished, and that nothing stands in the way of any more."""
    return [row["id"] for row in await conn.fetch(_DELETING, batch)]


async def forget_video(conn: Executor, job_id: UUID) -> None:
    """The files of a completed job are gone; its row says so."""
    await conn.execute(_FORGET_VIDEO, job_id)


async def discarded(conn: Executor, older_than: timedelta, batch: int) -> list[UUID]:
    """Jobs that were cancelled while their result was fetched, so that their files may have been stored since."""
    return [row["id"] for row in await conn.fetch(_DISCARDED, older_than, batch)]


async def forget_result(conn: Executor, job_id: UUID) -> None:
    """No file of a cancelled job is left; `discarded` shows it no more."""
    await conn.execute(_FORGET_RESULT, job_id)


async def wants_files(conn: Executor, job_id: UUID) -> bool:
    """Whether a job may still need what lies under its names; never again once this is False."""
    return await conn.fetchval(_WANTS_FILES, job_id) is not None


async def is_collected(conn: Executor, job_id: UUID) -> bool:
    """Whether a living worker is bringing the video of this job home, however long that takes."""
    return await conn.fetchval(_COLLECTED_NOW, job_id) is not None


def _count(status: str) -> int:
    return int(status.rpartition(" ")[2])
