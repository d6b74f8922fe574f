"""Videos that another system has submitted: taken into the books under the id that the provider knows them by."""

from datetime import timedelta
from uuid import UUID, uuid4

from db.connection import Executor

# No start of ours: it counts in no rate window. In flight it is, and its id belongs to one row only.
_TAKE_OVER = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    state = 'generating', epoch = epoch + 1, submission_id = $2, provider_job_id = $3, attempts_made = 1, due_at = NULL,
    started_at = now(), wait_until = now() + $4::interval, updated_at = now()
  WHERE id = $1 AND state = 'queued' AND submission_id IS NULL
  RETURNING id, lane_id, attempt, epoch, fingerprint, inputs_hash
), fact AS (
  INSERT INTO reelwork.submissions
    (id, job_id, lane_id, attempt, epoch, fingerprint, inputs_hash, label, intent_at, deadline_at, answered_at,
     provider_id, inferred, outcome, counted)
  SELECT $2, id, lane_id, attempt, epoch, fingerprint, inputs_hash, 'rw-' || $2::uuid, now(), now(), now(), $3, true,
    'accepted', false
  FROM job
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, 'imported', 'generating', attempt, jsonb_build_object('providerJobId', $3::text) FROM job
)
SELECT count(*) FROM job
"""


async def take_over(conn: Executor, job_id: UUID, provider_id: str, patience: timedelta) -> bool:
    """queued -> generating, in the transaction that accepts the row, so that no worker ever sees it queued.

    `patience` is how long to wait for the verdict. Raises UniqueViolation where another row has that id.
    """
    return bool(await conn.fetchval(_TAKE_OVER, job_id, uuid4(), provider_id, patience))
