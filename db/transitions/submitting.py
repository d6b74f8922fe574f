"""Steps out of `submitting`: accepted, not accepted, not known."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from db.connection import Executor
from db.states import JobState, Outcome
from db.transitions.hold import Hold

_ACCEPTED = """
WITH fact AS (
  UPDATE reelwork.submissions SET
    provider_id = $4, outcome = 'accepted', inferred = $5 AND (inferred OR provider_id IS NULL),
    answered_at = coalesce(answered_at, now())
  WHERE id = $3 AND (provider_id IS NULL OR provider_id = $4)
    AND (ended_at IS NULL OR outcome IN ('unknown', 'review', 'absent'))
), job AS (
  UPDATE reelwork.video_jobs SET
    state = 'generating', provider_job_id = $4, attempts_made = attempts_made + 1, refusals = 0, error_code = NULL,
    error_message = NULL, poll_misses = 0, next_at = NULL, wait_until = now() + $6::interval, updated_at = now()
  WHERE id = $1 AND epoch = $2 AND state IN ('submitting', 'generating') AND provider_job_id IS NULL
    AND submission_id = $3
  RETURNING id, attempt, owner
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, worker, data)
  SELECT id, 'submitted', 'generating', attempt, owner,
    jsonb_build_object('providerJobId', $4::text, 'inferred', $5::boolean) FROM job
)
SELECT count(*) FROM job
"""

# The old stamp still counts in every window that a claim may look at meanwhile: no window gets one more than it had.
_STAMPED_ANEW = """
UPDATE reelwork.submissions s SET intent_at = now(), deadline_at = now() + $4::interval
FROM reelwork.video_jobs j
JOIN reelwork.lanes l ON l.id = j.lane_id
JOIN reelwork.installation i ON NOT i.paused
WHERE s.id = $3 AND s.outcome IS NULL AND s.ended_at IS NULL AND s.intent_at > now() - interval '5 seconds'
  AND j.id = $1 AND j.epoch = $2 AND j.state = 'submitting' AND j.submission_id = $3
  AND NOT l.paused AND (l.blocked_until IS NULL OR l.blocked_until <= now())
  AND (l.breaker = 'closed' OR l.breaker = 'half_open' AND NOT EXISTS (
    SELECT 1 FROM reelwork.submissions o WHERE o.lane_id = l.id AND o.intent_at > s.intent_at))
RETURNING 1
"""

_WATCH_PREFIX = """
WITH job AS (
  UPDATE reelwork.video_jobs SET state = 'generating', wait_until = $3, next_at = NULL, updated_at = now()
  WHERE id = $1 AND epoch = $2 AND state = 'submitting' RETURNING id, attempt, owner
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, worker)
  SELECT id, 'watching_output', 'generating', attempt, owner FROM job
)
SELECT count(*) FROM job
"""

_REQUEUED = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    state = 'queued', owner = NULL, submission_id = NULL, due_at = now() + $5::interval, wait_until = NULL,
    error_code = $6, error_message = $7, refusals = refusals + $8, updated_at = now()
  WHERE id = $1 AND epoch = $2 AND state IN ('submitting', 'generating') AND provider_job_id IS NULL
    AND submission_id = $3
  RETURNING id, attempt, lane_id
), fact AS (
  UPDATE reelwork.submissions SET
    outcome = $4, answered_at = coalesce(answered_at, now()), ended_at = coalesce(ended_at, now()),
    counted = counted AND $4 <> 'not_sent', error_code = $6, error_message = $7
  WHERE id = $3 AND provider_id IS NULL AND (
    EXISTS (SELECT 1 FROM job)
    OR ($4 IN ('not_accepted', 'not_sent') AND (outcome IS NULL OR outcome = 'unknown')))
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, $4, 'queued', attempt,
    jsonb_strip_nulls(jsonb_build_object(
      'code', $6::text, 'message', $7::text, 'againAt', now() + $5::interval)) FROM job
)
SELECT count(*) FROM job
"""

_UNKNOWN = """
WITH fact AS (
  UPDATE reelwork.submissions SET
    outcome = 'unknown', definite = $4, answered_at = CASE WHEN $4 THEN now() ELSE answered_at END, error_code = $5,
    error_message = $6
  WHERE id = $3 AND outcome IS NULL RETURNING job_id, attempt
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT job_id, 'outcome_unknown', 'submitting', attempt,
    jsonb_strip_nulls(jsonb_build_object('code', $5::text, 'message', $6::text)) FROM fact
)
SELECT count(*) FROM reelwork.video_jobs WHERE id = $1 AND epoch = $2 AND state = 'submitting' AND submission_id = $3
"""

_REVIEW = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    state = 'needs_review', owner = NULL, review_at = now(), error_code = $4, error_message = $5, next_at = NULL,
    updated_at = now()
  WHERE id = $1 AND epoch = $2 AND state = ANY ($3) RETURNING id, attempt, submission_id
), fact AS (
  UPDATE reelwork.submissions s SET outcome = 'review' FROM job
  WHERE s.id = job.submission_id AND s.provider_id IS NULL AND (s.outcome IS NULL OR s.outcome = 'unknown')
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'review', 'needs_review', attempt, jsonb_build_object('code', $4::text, 'message', $5::text) FROM job
)
SELECT count(*) FROM job
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A submission that was certainly not accepted, and how long to wait. `counts` says whether the next wait grows."""

    outcome: Outcome
    again_in: timedelta
    code: str
    message: str
    counts: bool = True


async def accepted(
    conn: Executor,
    hold: Hold,
    *,
    submission_id: UUID,
    provider_id: str,
    patience: timedelta,
    inferred: bool = False,
) -> bool:
    """submitting, or watching its storage prefix -> generating under an id: the provider has named the video.

    `patience` is how long to wait for its verdict.

    The id is kept with its submission whoever owns the job. Raises UniqueViolation where another row has that id.
    """
    return bool(await conn.fetchval(_ACCEPTED, hold.job_id, hold.epoch, submission_id, provider_id, inferred, patience))


async def stamped_anew(conn: Executor, hold: Hold, submission_id: UUID, submit_timeout: timedelta) -> bool:
    """submitting stays: a start that could not leave at once is stamped with this moment, so that rates count it where
    it is. False where it is more than five seconds old, no longer ours, or the lane may start nothing now."""
    return await conn.fetchval(_STAMPED_ANEW, hold.job_id, hold.epoch, submission_id, submit_timeout) is not None


async def watch_output(conn: Executor, hold: Hold, until: datetime) -> bool:
    """submitting -> generating without an id: its own storage prefix will tell whether it was accepted."""
    return bool(await conn.fetchval(_WATCH_PREFIX, hold.job_id, hold.epoch, until))


async def requeued(conn: Executor, hold: Hold, submission_id: UUID, refusal: Refusal) -> bool:
    """submitting, or watching its storage prefix -> queued: not accepted, or free to be lost; uses no attempt, keeps
    the place in the fair order.

    The provider's own refusal is kept with its submission whoever owns the job; a conclusion only by the owner.
    """
    return bool(
        await conn.fetchval(
            _REQUEUED,
            hold.job_id,
            hold.epoch,
            submission_id,
            refusal.outcome,
            refusal.again_in,
            refusal.code,
            refusal.message,
            int(refusal.counts),
        )
    )


async def outcome_unknown(
    conn: Executor, hold: Hold, submission_id: UUID, *, code: str, message: str, definite: bool = False
) -> bool:
    """The row stays `submitting`, its submission is to be recovered; `definite` where an answer came (a 5xx)."""
    return bool(await conn.fetchval(_UNKNOWN, hold.job_id, hold.epoch, submission_id, definite, code, message))


async def review(conn: Executor, hold: Hold, *, from_states: tuple[JobState, ...], code: str, message: str) -> bool:
    """-> needs_review: nothing can tell whether it was paid for; a person decides. What was reserved stays so."""
    return bool(await conn.fetchval(_REVIEW, hold.job_id, hold.epoch, list(from_states), code, message))
