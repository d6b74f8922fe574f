"""Facts about paid calls whose answer was lost: what is still open, what a listing showed, what that proves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.connection import Executor

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('reelwork.fingerprint' || encode($1, 'hex'), 0))"

_UNKNOWN = """
SELECT s.id, s.job_id, s.intent_at, s.deadline_at, s.inputs_hash, s.clean_looks
FROM reelwork.submissions s JOIN reelwork.video_jobs j ON j.id = s.job_id
WHERE s.lane_id = $1 AND s.fingerprint = $2 AND s.outcome = 'unknown' AND s.provider_id IS NULL
  AND j.submission_id = s.id AND j.state = 'submitting'
ORDER BY s.intent_at, s.id FOR UPDATE OF s
"""

_OTHERS = """
SELECT id, job_id, intent_at, deadline_at, inputs_hash, clean_looks
FROM reelwork.submissions
WHERE lane_id = $1 AND fingerprint = $2 AND ended_at IS NULL AND provider_id IS NULL AND NOT id = ANY ($3::uuid[])
"""

_LIVE = """
SELECT 1 FROM reelwork.submissions
WHERE lane_id = $1 AND fingerprint = $2 AND outcome IS NULL AND ended_at IS NULL AND deadline_at > now() LIMIT 1
"""

_KNOWN = """
SELECT s.provider_id, s.intent_at, s.deadline_at, s.inferred, j.prompt, j.model, j.params
FROM reelwork.submissions s LEFT JOIN reelwork.video_jobs j ON j.id = s.job_id
WHERE s.lane_id = $1 AND s.provider_id = ANY ($2::text[])
"""

_CLOCK = "SELECT clock_timestamp()"

_ADOPT = """
UPDATE reelwork.submissions SET provider_id = $2, inferred = true, answered_at = coalesce(answered_at, now())
WHERE id = $1 AND provider_id IS NULL AND outcome = 'unknown'
"""

_ACCEPTED = "SELECT EXISTS (SELECT 1 FROM reelwork.submissions WHERE lane_id = $1 AND provider_id IS NOT NULL)"

_CLEAN = "UPDATE reelwork.submissions SET clean_looks = clean_looks + 1 WHERE id = $1"

_PROVEN = "UPDATE reelwork.lanes SET listing_proven = true WHERE id = $1 AND NOT listing_proven"

_GIVE_BACK = """
WITH job AS (
  UPDATE reelwork.video_jobs j SET
    state = 'submitting', owner = NULL, epoch = j.epoch + 1, provider_job_id = NULL, progress = NULL,
    attempts_made = greatest(j.attempts_made - 1, 0), wait_until = NULL, updated_at = now()
  FROM reelwork.submissions s
  WHERE s.lane_id = $1 AND s.provider_id = $2 AND s.inferred AND s.id <> $3
    AND j.id = s.job_id AND j.submission_id = s.id AND j.state = 'generating'
  RETURNING j.id, j.attempt, j.submission_id
), fact AS (
  UPDATE reelwork.submissions s SET provider_id = NULL, inferred = false, outcome = 'unknown', ended_at = NULL
  FROM job WHERE s.id = job.submission_id
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'id_given_back', 'submitting', attempt, jsonb_build_object('providerJobId', $2::text) FROM job
)
SELECT count(*) FROM job
"""


@dataclass(frozen=True, slots=True)
class Open:
    """A submission whose outcome is unknown."""

    id: UUID
    job_id: UUID
    intent_at: datetime
    deadline_at: datetime
    inputs_hash: bytes | None
    clean_looks: int


@dataclass(frozen=True, slots=True)
class Known:
    """A listed video that is in our books already; `inferred` where only a listing told its id. What it was asked with
    is None where its job has been removed."""

    provider_id: str
    intent_at: datetime
    deadline_at: datetime
    inferred: bool
    prompt: str | None
    model: str | None
    params: dict[str, Any] | None


async def lock_fingerprint(conn: Executor, fingerprint: bytes) -> None:
    """One recovery at a time for identical requests, to the end of the transaction."""
    await conn.execute(_LOCK, fingerprint)


async def unknown_of(conn: Executor, lane_id: UUID, fingerprint: bytes) -> list[Open]:
    """Every submission of that fingerprint whose fate is still to be learned, oldest intent first, locked."""
    return [Open(**dict(row)) for row in await conn.fetch(_UNKNOWN, lane_id, fingerprint)]


async def others_of(conn: Executor, lane_id: UUID, fingerprint: bytes, lost: Sequence[UUID]) -> list[Open]:
    """Submissions of that fingerprint besides these that a listed video may belong to as well: in review, or silent
    past their deadline and not yet given up by their sender."""
    return [Open(**dict(row)) for row in await conn.fetch(_OTHERS, lane_id, fingerprint, list(lost))]


async def clock(conn: Executor) -> datetime:
    """The clock that intents are stamped by, at this moment."""
    now: datetime = await conn.fetchval(_CLOCK)
    return now


async def has_live(conn: Executor, lane_id: UUID, fingerprint: bytes) -> bool:
    """Whether a call of that fingerprint is still under way, so that a listed video may be its own."""
    return await conn.fetchval(_LIVE, lane_id, fingerprint) is not None


async def known(conn: Executor, lane_id: UUID, provider_ids: Sequence[str]) -> list[Known]:
    """Which of the listed ids are in our books."""
    return [Known(**dict(row)) for row in await conn.fetch(_KNOWN, lane_id, list(provider_ids))]


async def has_accepted(conn: Executor, lane_id: UUID) -> bool:
    """Whether the provider has ever taken anything on this lane, so that its key is known to have worked."""
    accepted: bool = await conn.fetchval(_ACCEPTED, lane_id)
    return accepted


async def adopt(conn: Executor, submission_id: UUID, provider_id: str) -> None:
    """Note that a listing named this submission's video; its job's owner goes on from there."""
    await conn.execute(_ADOPT, submission_id, provider_id)


async def looked_clean(conn: Executor, submission_id: UUID) -> None:
    """Count a listing that showed no trace of the submission."""
    await conn.execute(_CLEAN, submission_id)


async def listing_proven(conn: Executor, lane_id: UUID) -> None:
    """This server's listing has shown videos of ours whose ids we knew."""
    await conn.execute(_PROVEN, lane_id)


async def give_back(conn: Executor, lane_id: UUID, provider_id: str, answered: UUID) -> bool:
    """A call's own answer named an id that a listing had given to a sibling: the sibling goes back to recovery.

    False where nobody gives it back: it is another call's own answer too, or the sibling has gone on from it already.
    """
    return bool(await conn.fetchval(_GIVE_BACK, lane_id, provider_id, answered))
