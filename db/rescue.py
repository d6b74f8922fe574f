"""Rows that nothing else would move."""

from db.connection import Executor

_EXPIRE = """
WITH late AS MATERIALIZED (
  SELECT id FROM reelwork.video_jobs
  WHERE state = 'queued' AND expires_at IS NOT NULL AND expires_at <= now()
  ORDER BY id LIMIT 500 FOR UPDATE SKIP LOCKED
), job AS (
  UPDATE reelwork.video_jobs j SET
    state = 'failed', epoch = j.epoch + 1, due_at = NULL, completed_at = now(), updated_at = now(), cost_micros = 0,
    error_code = 'expired', error_message = 'it had not started when its expiresAt came'
  FROM late WHERE j.id = late.id RETURNING j.id, j.attempt
), line AS (
  INSERT INTO reelwork.ledger
    (job_id, attempt, client_id, lane_id, entry, micros, delta_micros, day, note, catalogue_version)
  SELECT job.id, r.attempt, r.client_id, r.lane_id, 'release', r.micros, -r.micros, r.day, 'expired',
    r.catalogue_version
  FROM job JOIN reelwork.ledger r ON r.job_id = job.id AND r.attempt = job.attempt AND r.entry = 'reserve'
  ON CONFLICT DO NOTHING
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'failed', 'failed', attempt, jsonb_build_object('code', 'expired') FROM job
)
SELECT count(*) FROM job
"""


async def expire_queued(conn: Executor) -> int:
    """queued -> failed where `expiresAt` has passed; what was reserved is released. Returns how many."""
    done: int = await conn.fetchval(_EXPIRE)
    return done
