"""How a job ends without a video, and lines of the timeline that move nothing."""

from dataclasses import dataclass
from typing import Any

from db.connection import Executor
from db.states import JobState, Outcome
from db.transitions.hold import Hold

_END = """
WITH job AS (
  UPDATE reelwork.video_jobs SET
    state = $4, owner = NULL, error_code = $5, error_message = $6, cost_micros = coalesce($7, 0), due_at = NULL,
    next_at = NULL, completed_at = now(), updated_at = now()
  WHERE id = $1 AND epoch = $2 AND state = ANY ($3) RETURNING id, attempt, submission_id
), fact AS (
  UPDATE reelwork.submissions s SET
    outcome = coalesce($8, s.outcome), answered_at = coalesce(s.answered_at, now()),
    ended_at = coalesce(s.ended_at, now()), error_code = $5, error_message = $6
  WHERE s.id = (SELECT submission_id FROM job)
    OR ($8 IN ('rejected', 'not_accepted', 'not_sent') AND s.job_id = $1 AND s.epoch = $2
      AND s.provider_id IS NULL AND (s.outcome IS NULL OR s.outcome = 'unknown'))
), line AS (
  INSERT INTO reelwork.ledger
    (job_id, attempt, client_id, lane_id, entry, micros, delta_micros, day, note, catalogue_version)
  SELECT job.id, r.attempt, r.client_id, r.lane_id,
    CASE WHEN v.delta IS NOT NULL THEN 'correct' WHEN $7::bigint IS NULL THEN 'release' ELSE 'settle' END,
    CASE WHEN v.delta IS NOT NULL THEN coalesce($7, 0) ELSE coalesce($7, r.micros) END,
    coalesce($7, 0) - r.micros - coalesce(v.delta, 0), r.day, $9, r.catalogue_version
  FROM job JOIN reelwork.ledger r ON r.job_id = job.id AND r.attempt = job.attempt AND r.entry = 'reserve'
  CROSS JOIN LATERAL (
    SELECT sum(delta_micros) AS delta FROM reelwork.ledger
    WHERE job_id = r.job_id AND attempt = r.attempt AND entry <> 'reserve') v
  WHERE v.delta IS DISTINCT FROM coalesce($7, 0) - r.micros
  ON CONFLICT DO NOTHING
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, data)
  SELECT id, $4, $4, attempt,
    jsonb_strip_nulls(jsonb_build_object('code', $5::text, 'message', $6::text, 'costMicros', $7::bigint)) FROM job
)
SELECT count(*) FROM job
"""

_NOTE = """
INSERT INTO reelwork.job_events (job_id, type, state, attempt, worker, data)
SELECT id, $3, state, attempt, owner, $4 FROM reelwork.video_jobs WHERE id = $1 AND epoch = $2
"""


@dataclass(frozen=True, slots=True)
class Ending:
    """How a job ends. `cost_micros` None releases what was reserved, a number settles it; `from_states` are the states
    it may end from; `outcome` is set where the submission itself was answered."""

    state: JobState
    from_states: tuple[JobState, ...]
    code: str | None = None
    message: str | None = None
    cost_micros: int | None = None
    outcome: Outcome | None = None
    note: str | None = None


async def end(conn: Executor, hold: Hold, ending: Ending) -> bool:
    """-> failed or cancelled, with the ledger's line: where the attempt was settled before (it timed out and was waited
    for again), with one that corrects it. The provider's own refusal is kept with the submission that was
    made under this epoch, whoever owns the job now."""
    return bool(
        await conn.fetchval(
            _END,
            hold.job_id,
            hold.epoch,
            list(ending.from_states),
            ending.state,
            ending.code,
            ending.message,
            ending.cost_micros,
            ending.outcome,
            ending.note or ending.code,
        )
    )


async def note(conn: Executor, hold: Hold, kind: str, data: dict[str, Any]) -> None:
    """Add a line to the timeline without moving the row."""
    await conn.execute(_NOTE, hold.job_id, hold.epoch, kind, data)
