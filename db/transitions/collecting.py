"""Steps while the result is fetched, and out of `collecting`: later, stored."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from db.connection import Executor
from db.transitions.hold import Hold

_COLLECT_LATER = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    collect_failures = collect_failures + 1, next_at = now() + $3::interval, error_code = $4, error_message = $5,
    updated_at = now()
  WHERE id = $1 AND epoch = $2 AND state = 'collecting' RETURNING id, attempt, owner
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, worker, data)
  SELECT id, 'collect_failed', 'collecting', attempt, owner,
    jsonb_build_object('code', $4::text, 'message', $5::text, 'againAt', now() + $3::interval) FROM job
)
SELECT count(*) FROM job
"""

_RENEWED = (
    "UPDATE reelwork.video_jobs SET result = $3 WHERE id = $1 AND epoch = $2 AND state = 'collecting' RETURNING 1"
)

_STORED = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    state = 'completed', owner = NULL, progress = 100, cost_micros = $3, error_code = NULL, error_message = NULL,
    next_at = NULL, video_key = $4, poster_key = $5, video_bytes = $6, video_sha256 = $7, video_type = $8,
    video_width = $9, video_height = $10, video_seconds = $11, video_fps = $12, completed_at = now(),
    copy_due_at = CASE WHEN $14 THEN now() END, updated_at = now()
  WHERE id = $1 AND epoch = $2 AND state = 'collecting' RETURNING id, attempt
), line AS (
  INSERT INTO reelwork.ledger
    (job_id, attempt, client_id, lane_id, entry, micros, delta_micros, day, catalogue_version)
  SELECT job.id, r.attempt, r.client_id, r.lane_id, CASE WHEN v.delta IS NULL THEN 'settle' ELSE 'correct' END, $3,
    $3 - r.micros - coalesce(v.delta, 0), r.day, r.catalogue_version
  FROM job JOIN reelwork.ledger r ON r.job_id = job.id AND r.attempt = job.attempt AND r.entry = 'reserve'
  CROSS JOIN LATERAL (
    SELECT sum(delta_micros) AS delta FROM reelwork.ledger
    WHERE job_id = r.job_id AND attempt = r.attempt AND entry <> 'reserve') v
  WHERE v.delta IS DISTINCT FROM $3 - r.micros
  ON CONFLICT DO NOTHING
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'completed', 'completed', attempt, $13 FROM job
)
SELECT count(*) FROM job
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """What was published and measured: bytes, pixels, seconds, frames a second. `told` goes to the timeline."""

    video_key: str
    poster_key: str | None
    size: int
    sha256: str
    content_type: str
    width: int | None
    height: int | None
    seconds: float | None
    fps: float | None
    told: dict[str, Any] = field(default_factory=dict)


async def collect_later(conn: Executor, hold: Hold, *, wait: timedelta, code: str, message: str) -> bool:
    """collecting stays: the transfer failed and is tried again; the provider's copy is still there."""
    return bool(await conn.fetchval(_COLLECT_LATER, hold.job_id, hold.epoch, wait, code, message))


async def result_renewed(conn: Executor, hold: Hold, result: dict[str, Any]) -> bool:
    """collecting stays: the provider gave fresh addresses for the same video."""
    return await conn.fetchval(_RENEWED, hold.job_id, hold.epoch, result) is not None


async def stored(conn: Executor, hold: Hold, video: Stored, cost_micros: int, *, removes_copy: bool = False) -> bool:
    """collecting -> completed: result, ledger and timeline in one statement. `removes_copy` says that the provider's
    own copy is to go (see `db.copies`)."""
    values = (video.video_key, video.poster_key, video.size, video.sha256, video.content_type)
    measures = (video.width, video.height, video.seconds, video.fps, video.told)
    return bool(await conn.fetchval(_STORED, hold.job_id, hold.epoch, cost_micros, *values, *measures, removes_copy))
