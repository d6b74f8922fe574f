"""A provider that tells a label names its video for certain, however late: adopted, or booked as unused."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from db.connection import Executor

# `waits`: its owner finds the id with the submission and goes on from there. `unused`: the job has gone on without it,
# and where it was sent again within the same attempt, this one was paid for on top.
_NAMED = """
WITH sub AS MATERIALIZED (
  SELECT id, job_id, lane_id, attempt, outcome FROM reelwork.submissions
  WHERE label = $1 AND provider_id IS NULL FOR UPDATE
), waits AS MATERIALIZED (
  SELECT sub.id FROM sub JOIN reelwork.video_jobs j ON j.id = sub.job_id AND j.submission_id = sub.id
  WHERE j.state IN ('submitting', 'generating')
), job AS (
  UPDATE reelwork.video_jobs j SET
    state = 'generating', owner = NULL, epoch = j.epoch + 1, provider_job_id = $2,
    attempts_made = j.attempts_made + 1, review_at = NULL, error_code = NULL, error_message = NULL,
    wait_until = now() + $3::interval, updated_at = now()
  FROM sub WHERE j.id = sub.job_id AND j.submission_id = sub.id AND j.state = 'needs_review'
  RETURNING j.id, j.attempt
), fact AS (
  UPDATE reelwork.submissions s SET
    provider_id = $2, answered_at = coalesce(s.answered_at, now()),
    outcome = CASE WHEN s.id IN (SELECT id FROM waits) THEN s.outcome ELSE 'accepted' END
  FROM sub WHERE s.id = sub.id
), unused AS MATERIALIZED (
  SELECT * FROM sub WHERE NOT EXISTS (SELECT 1 FROM waits) AND NOT EXISTS (SELECT 1 FROM job)
), line AS (
  INSERT INTO reelwork.ledger
    (job_id, attempt, client_id, lane_id, entry, micros, delta_micros, day, note, catalogue_version)
  SELECT u.job_id, u.attempt, r.client_id, r.lane_id, 'correct', r.micros, r.micros, (now() AT TIME ZONE 'UTC')::date,
    'paid_unused', r.catalogue_version
  FROM unused u JOIN reelwork.ledger r ON r.job_id = u.job_id AND r.attempt = u.attempt AND r.entry = 'reserve'
  WHERE u.outcome IN ('absent', 'rejected', 'not_accepted', 'not_sent')
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'adopted_id', 'generating', attempt, jsonb_build_object('providerJobId', $2::text, 'label', $1::text)
  FROM job
  UNION ALL
  SELECT job_id, 'paid_unused', NULL, attempt, jsonb_build_object('providerJobId', $2::text) FROM unused
)
SELECT CASE
  WHEN EXISTS (SELECT 1 FROM job) THEN 'adopted'
  WHEN EXISTS (SELECT 1 FROM waits) THEN 'noted'
  WHEN EXISTS (SELECT 1 FROM unused) THEN 'unused'
  ELSE 'known' END
"""

_WAITING_FOR = """
SELECT j.id FROM reelwork.submissions s
JOIN reelwork.video_jobs j ON j.id = s.job_id AND j.submission_id = s.id
WHERE s.lane_id IN (SELECT id FROM reelwork.lanes WHERE kind = $1) AND s.provider_id = $2
  AND j.state IN ('submitting', 'generating')
LIMIT 1
"""

_UNNAMED = """
SELECT j.id AS job_id, j.credential_id, j.model
FROM reelwork.submissions s JOIN reelwork.video_jobs j ON j.id = s.job_id
WHERE s.label = $2 AND s.provider_id IS NULL AND j.kind = $1
"""


@dataclass(frozen=True, slots=True)
class Unnamed:
    """A submission whose id nobody knows yet: its job, and what its provider can be asked with."""

    job_id: UUID
    credential_id: UUID
    model: str


class Named(StrEnum):
    """What became of the id. NOTED: the job's owner goes on with it; ADOPTED: taken out of review; UNUSED: the job had
    gone on without it; KNOWN: nothing was open under that label."""

    NOTED = "noted"
    ADOPTED = "adopted"
    UNUSED = "unused"
    KNOWN = "known"


async def named(conn: Executor, label: str, provider_id: str, patience: timedelta) -> Named:
    """Write down which video a labelled submission became. Raises UniqueViolation where another row has that id."""
    return Named(await conn.fetchval(_NAMED, label, provider_id, patience))


async def unnamed(conn: Executor, kind: str, label: str) -> Unnamed | None:
    """The submission of that label while its id is not known."""
    row = await conn.fetchrow(_UNNAMED, kind, label)
    return Unnamed(**dict(row)) if row else None


async def waiting_for(conn: Executor, kind: str, provider_id: str) -> UUID | None:
    """The job that waits for this video of the provider, on any lane of its kind."""
    job_id: UUID | None = await conn.fetchval(_WAITING_FOR, kind, provider_id)
    return job_id
