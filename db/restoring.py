"""What a restored dump does not know: rows that went on after it was taken, and what to make of each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Executor

CODE = "restored"
"""The error code of rows that wait for a person because a restore left their fate open."""

_UNFINISHED = """
SELECT id, epoch, state, attempt, kind, server, model, prompt, params, lane_id, credential_id, provider_job_id,
  fingerprint, inputs_hash, created_at, run_at, error_code
FROM reelwork.video_jobs
WHERE state IN ('queued', 'submitting', 'generating', 'collecting', 'needs_review') AND created_at <= $1 AND id > $2
ORDER BY id LIMIT $3
"""

_FOUND = """
WITH old AS MATERIALIZED (
  SELECT id, attempt, submission_id FROM reelwork.video_jobs
  WHERE id = $1 AND epoch = $2 AND state IN ('queued', 'submitting', 'generating', 'collecting', 'needs_review')
  FOR UPDATE
), job AS (
  UPDATE reelwork.video_jobs j SET
    state = 'completed', owner = NULL, epoch = j.epoch + 1, attempt = $3, attempts_made = greatest(j.attempts_made, 1),
    progress = 100, cost_micros = j.estimate_micros, due_at = NULL, next_at = NULL, wait_until = NULL, review_at = NULL,
    error_code = NULL, error_message = NULL, cancel_requested_at = NULL, video_key = $4, poster_key = $5,
    video_bytes = $6, video_sha256 = $7, video_type = 'video/mp4', completed_at = $8, updated_at = now()
  FROM old WHERE j.id = old.id
  RETURNING j.id, j.client_id, j.lane_id, j.model, j.estimate_micros, j.catalogue_version, old.attempt AS before,
    j.attempt
), fact AS (
  UPDATE reelwork.submissions s SET
    ended_at = now(), outcome = CASE WHEN s.provider_id IS NULL AND s.attempt < $3 THEN s.outcome ELSE 'accepted' END
  FROM job WHERE s.job_id = job.id AND s.ended_at IS NULL
), attempts AS (
  SELECT job.id, n, job.client_id, job.lane_id, job.model, job.estimate_micros, job.catalogue_version,
    n = job.attempt AS paid,
    coalesce(r.day, (now() AT TIME ZONE 'UTC')::date) AS day, coalesce(r.micros, job.estimate_micros) AS micros
  FROM job CROSS JOIN LATERAL generate_series(job.before, job.attempt) AS n
  LEFT JOIN reelwork.ledger r ON r.job_id = job.id AND r.attempt = n AND r.entry = 'reserve'
), lines AS (
  INSERT INTO reelwork.ledger
    (job_id, attempt, client_id, lane_id, entry, micros, delta_micros, day, note, model, catalogue_version)
  SELECT id, n, client_id, lane_id, 'reserve', micros, micros, day, 'found after a restore', model, catalogue_version
  FROM attempts
  UNION ALL
  SELECT id, n, client_id, lane_id, CASE WHEN paid THEN 'settle' ELSE 'release' END,
    CASE WHEN paid THEN estimate_micros ELSE micros END, CASE WHEN paid THEN estimate_micros - micros ELSE -micros END,
    day, 'found after a restore', model, catalogue_version
  FROM attempts
  ON CONFLICT DO NOTHING
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'restored', 'completed', attempt, jsonb_build_object('found', 'storage', 'key', $4::text) FROM job
)
SELECT count(*) FROM job
"""

_REVIEW = """
WITH old AS MATERIALIZED (
  SELECT id, attempt, submission_id FROM reelwork.video_jobs
  WHERE id = $1 AND epoch = $2 AND state IN ('queued', 'submitting', 'generating') FOR UPDATE
), still_open AS MATERIALIZED (
  SELECT s.id FROM reelwork.submissions s JOIN old ON s.id = old.submission_id
  WHERE NOT $3 AND s.provider_id IS NULL AND (s.outcome IS NULL OR s.outcome IN ('unknown', 'review'))
), job AS (
  UPDATE reelwork.video_jobs j SET
    state = 'needs_review', owner = NULL, epoch = j.epoch + 1, attempt = j.attempt + $3::boolean::int,
    submission_id = coalesce((SELECT id FROM still_open), gen_random_uuid()), provider_job_id = NULL, progress = NULL,
    result = NULL, due_at = NULL, next_at = NULL, wait_until = NULL, review_at = now(), error_code = $4,
    error_message = $5, updated_at = now()
  FROM old WHERE j.id = old.id
  RETURNING j.id, j.client_id, j.lane_id, j.attempt, j.epoch, j.fingerprint, j.inputs_hash, j.submission_id,
    j.model, j.estimate_micros, j.catalogue_version, old.submission_id AS before
), fact AS (
  UPDATE reelwork.submissions s SET outcome = 'review' FROM still_open WHERE s.id = still_open.id
), failed AS (
  UPDATE reelwork.submissions s SET ended_at = coalesce(s.ended_at, now())
  FROM old WHERE s.id = old.submission_id AND $3
), made AS (
  INSERT INTO reelwork.submissions
    (id, job_id, lane_id, attempt, epoch, fingerprint, inputs_hash, label, intent_at, deadline_at, outcome, counted)
  SELECT submission_id, id, lane_id, attempt, epoch, fingerprint, inputs_hash, 'rw-' || submission_id, $6, $6, 'review',
    false
  FROM job WHERE NOT EXISTS (SELECT 1 FROM still_open)
), lines AS (
  INSERT INTO reelwork.ledger
    (job_id, attempt, client_id, lane_id, entry, micros, delta_micros, day, note, model, catalogue_version)
  SELECT r.job_id, r.attempt, r.client_id, r.lane_id, 'release', r.micros, -r.micros, r.day, $4, r.model,
    r.catalogue_version
  FROM job JOIN reelwork.ledger r ON r.job_id = job.id AND r.attempt = job.attempt - 1 AND r.entry = 'reserve'
  WHERE $3
  UNION ALL
  SELECT id, attempt, client_id, lane_id, 'reserve', estimate_micros, estimate_micros,
    (now() AT TIME ZONE 'UTC')::date, $4, model, catalogue_version
  FROM job WHERE $3
  ON CONFLICT DO NOTHING
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'review', 'needs_review', attempt, jsonb_build_object('code', $4::text, 'message', $5::text) FROM job
)
SELECT count(*) FROM job
"""

_KNOWN_JOBS = "SELECT id FROM reelwork.video_jobs WHERE id = ANY ($1::uuid[])"


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A row that had not ended when the dump was taken, as the dump has it."""

    id: UUID
    epoch: int
    state: str
    attempt: int
    kind: str
    server: str | None
    model: str
    prompt: str
    params: dict[str, Any]
    lane_id: UUID
    credential_id: UUID
    provider_job_id: str | None
    fingerprint: bytes
    inputs_hash: bytes | None
    created_at: datetime
    run_at: datetime | None
    error_code: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """A finished video of a row in storage; `sha256` is hex, None where storage does not remember it."""

    attempt: int
    video_key: str
    poster_key: str | None
    size: int
    sha256: str | None
    stored_at: datetime


async def unfinished(conn: Executor, created_until: datetime, after: UUID, batch: int) -> list[Unfinished]:
    """The next unfinished rows that were accepted until then, in the order of their ids."""
    return [Unfinished(**dict(row)) for row in await conn.fetch(_UNFINISHED, created_until, after, batch)]


async def found(conn: Executor, row: Unfinished, video: Found) -> bool:
    """-> completed: the video is in storage, so this attempt was paid for and the ones before it were not."""
    files = (video.video_key, video.poster_key, video.size, video.sha256, video.stored_at)
    return bool(await conn.fetchval(_FOUND, row.id, row.epoch, video.attempt, *files))


async def review(conn: Executor, row: Unfinished, message: str, intent_at: datetime, *, next_attempt: bool) -> bool:
    """-> needs_review: it may have been paid for since `intent_at`. `next_attempt`: the attempt that the row knows of
    has failed at the provider, and the one after it is in question."""
    return bool(await conn.fetchval(_REVIEW, row.id, row.epoch, next_attempt, CODE, message, intent_at))


async def known_jobs(conn: Executor, job_ids: list[UUID]) -> set[UUID]:
    """Which of these ids have a row."""
    return {row["id"] for row in await conn.fetch(_KNOWN_JOBS, job_ids)}
