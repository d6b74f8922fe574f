"""A person's steps on a job: cancel, retry, decide a review, change the priority, remove.

Each is one guarded statement on the row's state; the answer says what became of it. They take a connection inside a
transaction where more than one statement must hold together.
"""

from datetime import timedelta
from uuid import UUID

from db.connection import Executor
from db.fairness import next_tags
from db.states import JobState

# A row that moved on while its lock was waited for may have an attempt whose reserve this statement's snapshot does not
# show: then nothing is taken, and the caller looks again.
_CANCEL = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    state = 'cancelled', owner = NULL, epoch = epoch + 1, due_at = NULL, next_at = NULL, completed_at = now(),
    updated_at = now(), discard = state <> 'queued', error_code = NULL, error_message = NULL,
    cost_micros = CASE WHEN state = 'queued' THEN 0 ELSE estimate_micros END
  WHERE id = $1 AND state = ANY ($2) AND EXISTS (
    SELECT 1 FROM reelwork.ledger r WHERE r.job_id = $1 AND r.attempt = video_jobs.attempt AND r.entry = 'reserve')
  RETURNING id, attempt, cost_micros, discard
), line AS (
  INSERT INTO reelwork.ledger
    (job_id, attempt, client_id, lane_id, entry, micros, delta_micros, day, note, catalogue_version)
  SELECT job.id, r.attempt, r.client_id, r.lane_id, CASE WHEN job.discard THEN 'settle' ELSE 'release' END, r.micros,
    CASE WHEN job.discard THEN 0 ELSE -r.micros END, r.day, 'cancelled', r.catalogue_version
  FROM job JOIN reelwork.ledger r ON r.job_id = job.id AND r.attempt = job.attempt AND r.entry = 'reserve'
  ON CONFLICT DO NOTHING
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'cancelled', 'cancelled', attempt, jsonb_build_object('discarded', discard, 'costMicros', cost_micros)
  FROM job
)
SELECT count(*) FROM job
"""

_CANCEL_REQUEUED = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    state = 'cancelled', epoch = epoch + 1, due_at = NULL, completed_at = now(), updated_at = now(), cost_micros = 0,
    error_code = NULL, error_message = NULL
  WHERE ($1::uuid IS NULL OR id = $1) AND state = 'queued' AND cancel_requested_at IS NOT NULL
  RETURNING id, attempt
), line AS (
  INSERT INTO reelwork.ledger
    (job_id, attempt, client_id, lane_id, entry, micros, delta_micros, day, note, catalogue_version)
  SELECT job.id, r.attempt, r.client_id, r.lane_id, 'release', r.micros, -r.micros, r.day, 'cancelled',
    r.catalogue_version
  FROM job JOIN reelwork.ledger r ON r.job_id = job.id AND r.attempt = job.attempt AND r.entry = 'reserve'
  ON CONFLICT DO NOTHING
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt) SELECT id, 'cancelled', 'cancelled', attempt FROM job
)
SELECT count(*) FROM job
"""

_ASK_CANCEL = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    cancel_requested_at = coalesce(cancel_requested_at, now()), discard = discard OR $3, updated_at = now()
  WHERE id = $1 AND state = ANY ($2) RETURNING id, state, attempt, owner
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt) SELECT id, 'cancel_requested', state, attempt FROM job
)
SELECT count(*) FROM job
"""

_RETRY_RUNNING = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    state = $2, owner = NULL, epoch = epoch + 1, error_code = NULL, error_message = NULL, completed_at = NULL,
    next_at = NULL, poll_misses = 0, collect_failures = 0, cancel_requested_at = NULL, discard = false,
    cost_micros = NULL, wait_until = now() + $3::interval, updated_at = now()
  WHERE id = $1 AND state = 'failed' RETURNING id, state, attempt
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt) SELECT id, 'retried', state, attempt FROM job
)
SELECT count(*) FROM job
"""

_RETRY_QUEUED = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    state = 'queued', owner = NULL, epoch = epoch + 1, attempt = attempt + 1, tag = $3, due_at = now(),
    submission_id = NULL, provider_job_id = NULL, progress = NULL, result = NULL, wait_until = NULL, error_code = NULL,
    error_message = NULL, completed_at = NULL, review_at = NULL, next_at = NULL, refusals = 0, poll_misses = 0,
    collect_failures = 0, cancel_requested_at = NULL, discard = false, cost_micros = NULL, updated_at = now()
  WHERE id = $1 AND state = $2
  RETURNING id, attempt, client_id, lane_id, model, estimate_micros, catalogue_version
), settled AS (
  INSERT INTO reelwork.ledger
    (job_id, attempt, client_id, lane_id, entry, micros, delta_micros, day, note, catalogue_version)
  SELECT job.id, r.attempt, r.client_id, r.lane_id, 'settle', r.micros, 0, r.day, 'outcome never known',
    r.catalogue_version
  FROM job JOIN reelwork.ledger r ON r.job_id = job.id AND r.attempt = job.attempt - 1 AND r.entry = 'reserve'
  WHERE $2 = 'needs_review'
  ON CONFLICT DO NOTHING
), reserved AS (
  INSERT INTO reelwork.ledger
    (job_id, attempt, client_id, lane_id, entry, micros, delta_micros, day, note, model, catalogue_version)
  SELECT id, attempt, client_id, lane_id, 'reserve', estimate_micros, estimate_micros,
    (now() AT TIME ZONE 'UTC')::date, $4, model, catalogue_version
  FROM job
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, $4, 'queued', attempt, jsonb_build_object('reservedMicros', estimate_micros) FROM job
)
SELECT count(*) FROM job
"""

_ADOPT_ID = """
WITH fact AS (
  UPDATE reelwork.submissions s SET
    provider_id = $2, outcome = 'accepted', inferred = true, answered_at = coalesce(s.answered_at, now())
  FROM reelwork.video_jobs j
  WHERE j.id = $1 AND j.state = 'needs_review' AND s.id = j.submission_id AND s.provider_id IS NULL
  RETURNING s.id
), job AS (
  UPDATE reelwork.video_jobs SET
    state = 'generating', owner = NULL, epoch = epoch + 1, provider_job_id = $2, attempts_made = attempts_made + 1,
    review_at = NULL, error_code = NULL, error_message = NULL, wait_until = now() + $3::interval, updated_at = now()
  WHERE id = $1 AND state = 'needs_review' AND EXISTS (SELECT 1 FROM fact) RETURNING id, attempt
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'adopted_id', 'generating', attempt, jsonb_strip_nulls(
    jsonb_build_object('providerJobId', $2::text, 'note', $4::text)) FROM job
)
SELECT count(*) FROM job
"""

_FAIL_REVIEW = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    state = 'failed', epoch = epoch + 1, error_code = 'failed_by_operator', error_message = $2,
    cost_micros = estimate_micros, completed_at = now(), updated_at = now()
  WHERE id = $1 AND state = 'needs_review' RETURNING id, attempt, submission_id
), fact AS (
  UPDATE reelwork.submissions s SET ended_at = coalesce(s.ended_at, now()) FROM job WHERE s.id = job.submission_id
), line AS (
  INSERT INTO reelwork.ledger
    (job_id, attempt, client_id, lane_id, entry, micros, delta_micros, day, note, catalogue_version)
  SELECT job.id, r.attempt, r.client_id, r.lane_id, 'settle', r.micros, 0, r.day, 'outcome never known',
    r.catalogue_version
  FROM job JOIN reelwork.ledger r ON r.job_id = job.id AND r.attempt = job.attempt AND r.entry = 'reserve'
  ON CONFLICT DO NOTHING
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'failed', 'failed', attempt, jsonb_build_object('code', 'failed_by_operator', 'message', $2::text) FROM job
)
SELECT count(*) FROM job
"""

_LOCKED = """
SELECT lane_id, client_id, priority FROM reelwork.video_jobs WHERE id = $1 AND state = ANY ($2) FOR UPDATE
"""

_REPRIORITISE = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    priority = $2, tag = CASE WHEN tag IS NOT NULL THEN $3::float8 END, updated_at = now()
  WHERE id = $1 AND state = 'queued'
  RETURNING id, attempt
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'reprioritised', 'queued', attempt, jsonb_build_object('priority', $2::int) FROM job
)
SELECT count(*) FROM job
"""

_MARK_DELETING = """
UPDATE reelwork.video_jobs SET state = 'deleting', updated_at = now()
WHERE id = $1 AND state = ANY ($2) RETURNING 1
"""

_REMOVE = """
WITH job AS (
  DELETE FROM reelwork.video_jobs WHERE id = $1 AND state = 'deleting' AND copy_due_at IS NULL RETURNING id
),
events AS (DELETE FROM reelwork.job_events WHERE job_id IN (SELECT id FROM job)),
facts AS (UPDATE reelwork.submissions SET error_message = NULL WHERE job_id IN (SELECT id FROM job))
SELECT count(*) FROM job
"""


async def cancel_now(conn: Executor, job_id: UUID, *, discard: bool) -> bool:
    """Cancel what no call is under way for: a queued video at no cost; with `discard` also one that is already paid
    for (generating, collecting, in review), whose cost stays. True where it was done."""
    paid = [JobState.GENERATING, JobState.COLLECTING, JobState.NEEDS_REVIEW] if discard else []
    return bool(await conn.fetchval(_CANCEL, job_id, [JobState.QUEUED, *paid]))


async def cancel_requeued(conn: Executor, job_id: UUID | None = None) -> int:
    """Cancel queued videos whose end was asked for while the outcome of their submission was open: this one, or every
    one where None. Returns how many."""
    done: int = await conn.fetchval(_CANCEL_REQUEUED, job_id)
    return done


async def ask_cancel(conn: Executor, job_id: UUID, from_states: tuple[JobState, ...], *, discard: bool) -> bool:
    """Note that the video is to end; its owner acts once the outcome of its submission is known."""
    return bool(await conn.fetchval(_ASK_CANCEL, job_id, list(from_states), discard))


async def retry_where_the_money_is(conn: Executor, job_id: UUID, state: JobState, patience: timedelta) -> bool:
    """failed -> generating or collecting: wait or collect again for what is already paid; costs nothing."""
    return bool(await conn.fetchval(_RETRY_RUNNING, job_id, state, patience))


async def retry_submission(conn: Executor, job_id: UUID, from_state: JobState, note: str) -> bool:
    """failed or needs_review -> queued, as a new attempt with a reserve of its own. Check the budget before, in the
    same transaction. From needs_review the earlier attempt is settled as spent: nobody knows that it was not."""
    row = await conn.fetchrow(_LOCKED, job_id, [from_state])
    if row is None:
        return False
    (tag,) = await next_tags(conn, row["lane_id"], row["client_id"], row["priority"], 1)
    return bool(await conn.fetchval(_RETRY_QUEUED, job_id, from_state, tag, note))


async def adopt_provider_id(
    conn: Executor, job_id: UUID, provider_id: str, patience: timedelta, note: str | None
) -> bool:
    """needs_review -> generating under an id a person found. Raises UniqueViolation where another row has it."""
    return bool(await conn.fetchval(_ADOPT_ID, job_id, provider_id, patience, note))


async def fail_review(conn: Executor, job_id: UUID, message: str) -> bool:
    """needs_review -> failed; what was reserved counts as spent."""
    return bool(await conn.fetchval(_FAIL_REVIEW, job_id, message))


async def reprioritise(conn: Executor, job_id: UUID, priority: int) -> bool:
    """Move a queued video to another priority, at the end of its client's own there; one that is scheduled gets its
    place when it becomes due. Needs a transaction."""
    row = await conn.fetchrow(_LOCKED, job_id, [JobState.QUEUED])
    if row is None:
        return False
    (tag,) = await next_tags(conn, row["lane_id"], row["client_id"], priority, 1)
    return bool(await conn.fetchval(_REPRIORITISE, job_id, priority, tag))


async def mark_deleting(conn: Executor, job_id: UUID, from_states: tuple[JobState, ...]) -> bool:
    """First half of a removal: nothing but `remove` touches the row after it; its files go in between."""
    return await conn.fetchval(_MARK_DELETING, job_id, list(from_states)) is not None


async def remove(conn: Executor, job_id: UUID) -> bool:
    """Second half: the row, its inputs and its timeline are gone; submissions and ledger lines stay, without text.

    False, and later again, while the provider's copy is still to be removed: only the row says where that is.
    """
    return bool(await conn.fetchval(_REMOVE, job_id))
