"""Steps while the provider works, and out of `generating`: progress, finished, once more."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from db.connection import Executor
from db.transitions.hold import Hold

_FINISHED = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    state = 'collecting', result = $3, progress = 100, next_at = NULL, poll_misses = 0, updated_at = now()
  WHERE id = $1 AND epoch = $2 AND state = 'generating' RETURNING id, attempt, owner, submission_id
), fact AS (
  UPDATE reelwork.submissions s SET ended_at = coalesce(s.ended_at, now()) FROM job WHERE s.id = job.submission_id
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, worker)
  SELECT id, 'generated', 'collecting', attempt, owner FROM job
)
SELECT count(*) FROM job
"""

_AGAIN = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    state = 'queued', owner = NULL, attempt = attempt + 1, due_at = now() + $3::interval, submission_id = NULL,
    provider_job_id = NULL, progress = NULL, result = NULL, wait_until = NULL, poll_misses = 0, collect_failures = 0,
    error_code = $4, error_message = $5, updated_at = now()
  WHERE id = $1 AND epoch = $2 AND state IN ('generating', 'collecting')
  RETURNING id, attempt - 1 AS failed_attempt, attempt, client_id, lane_id, model, estimate_micros, catalogue_version
), fact AS (
  UPDATE reelwork.submissions s SET ended_at = coalesce(s.ended_at, now()), error_code = $4, error_message = $5
  FROM job WHERE s.job_id = job.id AND s.attempt = job.failed_attempt AND s.ended_at IS NULL
), lines AS (
  INSERT INTO reelwork.ledger
    (job_id, attempt, client_id, lane_id, entry, micros, delta_micros, day, note, model, catalogue_version)
  SELECT job.id, r.attempt, r.client_id, r.lane_id, CASE WHEN v.delta IS NULL THEN 'release' ELSE 'correct' END,
    CASE WHEN v.delta IS NULL THEN r.micros ELSE 0 END, -r.micros - coalesce(v.delta, 0), r.day, $4, r.model,
    r.catalogue_version
  FROM job JOIN reelwork.ledger r ON r.job_id = job.id AND r.attempt = job.failed_attempt AND r.entry = 'reserve'
  CROSS JOIN LATERAL (
    SELECT sum(delta_micros) AS delta FROM reelwork.ledger
    WHERE job_id = r.job_id AND attempt = r.attempt AND entry <> 'reserve') v
  WHERE v.delta IS DISTINCT FROM -r.micros
  UNION ALL
  SELECT id, attempt, client_id, lane_id, 'reserve', estimate_micros, estimate_micros,
    (now() AT TIME ZONE 'UTC')::date, 'automatic retry', model, catalogue_version
  FROM job
  ON CONFLICT DO NOTHING
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'attempt_failed', 'queued', failed_attempt,
    jsonb_build_object('code', $4::text, 'message', $5::text, 'againAt', now() + $3::interval) FROM job
)
SELECT count(*) FROM job
"""

_PROGRESS = """
WITH seen AS (
  SELECT id, epoch, percent FROM unnest($1::uuid[], $2::int[], $3::smallint[]) AS u (id, epoch, percent)
), locked AS MATERIALIZED (
  SELECT j.id, j.attempt, j.owner, j.progress AS before, seen.percent
  FROM reelwork.video_jobs j JOIN seen ON j.id = seen.id AND j.epoch = seen.epoch
  WHERE j.state = 'generating' ORDER BY j.id FOR UPDATE OF j SKIP LOCKED
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, worker, data)
  SELECT id, 'progress', 'generating', attempt, owner, jsonb_build_object('percent', percent) FROM locked
  WHERE coalesce(before, 0) / 10 <> percent / 10
)
UPDATE reelwork.video_jobs j SET progress = locked.percent FROM locked WHERE j.id = locked.id
"""

_MISSED = """
UPDATE reelwork.video_jobs SET poll_misses = poll_misses + 1 WHERE id = $1 AND epoch = $2 AND state = 'generating'
RETURNING poll_misses
"""


async def finished(conn: Executor, hold: Hold, result: dict[str, Any]) -> bool:
    """generating -> collecting: the provider has the video; `result` says where."""
    return bool(await conn.fetchval(_FINISHED, hold.job_id, hold.epoch, result))


async def again(conn: Executor, hold: Hold, *, wait: timedelta, code: str, message: str) -> bool:
    """generating -> queued: an accepted video failed at no cost and is submitted once more, as the next attempt."""
    return bool(await conn.fetchval(_AGAIN, hold.job_id, hold.epoch, wait, code, message))


async def progress(conn: Executor, seen: list[tuple[UUID, int, int]]) -> None:
    """Write (job, epoch, percent) of many videos in one statement; rows that moved on are left alone.

    The timeline gets a line for each ten percent.
    """
    ids, epochs, percents = ([row[column] for row in seen] for column in range(3))
    await conn.execute(_PROGRESS, ids, epochs, percents)


async def poll_missed(conn: Executor, hold: Hold) -> int | None:
    """Count one more time that the provider did not know the video; the new count, None where the row moved on."""
    count: int | None = await conn.fetchval(_MISSED, hold.job_id, hold.epoch)
    return count
