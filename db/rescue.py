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

_DISOWN = """
WITH lost AS MATERIALIZED (
  SELECT j.id FROM reelwork.video_jobs j
  WHERE j.state IN ('submitting', 'generating', 'collecting') AND j.owner IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM reelwork.workers w WHERE w.id = j.owner)
  ORDER BY j.id LIMIT 500 FOR UPDATE SKIP LOCKED
), freed AS (
  UPDATE reelwork.video_jobs j SET owner = NULL, epoch = j.epoch + 1, updated_at = now() FROM lost WHERE j.id = lost.id
  RETURNING j.id, j.state, j.attempt
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt) SELECT id, 'released', state, attempt FROM freed
)
SELECT count(*) FROM freed
"""

_UNACCOUNTED = """
WITH lost AS MATERIALIZED (
  SELECT j.id FROM reelwork.video_jobs j
  WHERE j.state IN ('submitting', 'generating') AND j.provider_job_id IS NULL
    AND NOT EXISTS (SELECT 1 FROM reelwork.submissions s WHERE s.id = j.submission_id)
  ORDER BY j.id LIMIT 500 FOR UPDATE SKIP LOCKED
), job AS (
  UPDATE reelwork.video_jobs j SET
    state = 'needs_review', owner = NULL, epoch = j.epoch + 1, submission_id = gen_random_uuid(), next_at = NULL,
    review_at = now(), error_code = 'outcome_unknown', error_message = 'nothing is written down about its submission',
    updated_at = now()
  FROM lost WHERE j.id = lost.id
  RETURNING j.id, j.lane_id, j.attempt, j.epoch, j.fingerprint, j.inputs_hash, j.submission_id, j.error_code,
    j.error_message
), fact AS (
  INSERT INTO reelwork.submissions
    (id, job_id, lane_id, attempt, epoch, fingerprint, inputs_hash, label, deadline_at, outcome, counted)
  SELECT submission_id, id, lane_id, attempt, epoch, fingerprint, inputs_hash, 'rw-' || submission_id, now(), 'review',
    false
  FROM job
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'review', 'needs_review', attempt, jsonb_build_object('code', error_code, 'message', error_message)
  FROM job
)
SELECT count(*) FROM job
"""

_UNDUE = "UPDATE reelwork.video_jobs SET due_at = now() WHERE state = 'queued' AND due_at IS NULL"


async def expire_queued(conn: Executor) -> int:
    """queued -> failed where `expiresAt` has passed; what was reserved is released. Returns how many."""
    done: int = await conn.fetchval(_EXPIRE)
    return done


async def disown(conn: Executor) -> int:
    """Free what names an owner that no row of `workers` knows, so that it can be adopted. Returns how many."""
    done: int = await conn.fetchval(_DISOWN)
    return done


async def review_unaccounted(conn: Executor) -> int:
    """-> needs_review where the submission that a row is about is not in the books. Returns how many."""
    done: int = await conn.fetchval(_UNACCOUNTED)
    return done


async def make_due(conn: Executor) -> None:
    """Queued rows that name no time become due now; their place in the fair order they get like all others."""
    await conn.execute(_UNDUE)
