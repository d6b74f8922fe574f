"""A lane's circuit breaker: after repeated trouble nothing starts but one probe at a time, over all processes.

A claim lets the probe through (`db.claims`): the breaker is half open until its outcome, at most for the time that a
call and a lease take. A start is the probe where its intent was written since then.
"""

from datetime import timedelta
from uuid import UUID

from db.connection import Executor

TROUBLES_MOST = 5
"""Submissions in a row that fail before the breaker opens."""

_DOUBLINGS_MOST = 4

_FAILED = """
WITH sub AS (
  SELECT lane_id, intent_at FROM reelwork.submissions WHERE id = $1
), turn AS MATERIALIZED (
  SELECT l.id,
    l.breaker = 'half_open' AND sub.intent_at >= l.breaker_until - $2::interval
      OR l.breaker = 'closed' AND l.error_streak + 1 >= $5 AS opens,
    $3::interval * power(2, least(greatest(l.error_streak + 1 - $5, 0), $6)) AS pause
  FROM reelwork.lanes l JOIN sub ON l.id = sub.lane_id FOR UPDATE OF l
)
UPDATE reelwork.lanes l SET
  error_streak = l.error_streak + CASE WHEN turn.opens OR l.breaker = 'closed' THEN 1 ELSE 0 END,
  breaker = CASE WHEN turn.opens THEN 'open' ELSE l.breaker END,
  breaker_until = CASE WHEN turn.opens THEN now() + turn.pause ELSE l.breaker_until END,
  breaker_reason = CASE WHEN turn.opens THEN $4 ELSE l.breaker_reason END,
  updated_at = now()
FROM turn WHERE l.id = turn.id
RETURNING turn.opens
"""

_ANSWERED = """
WITH before AS MATERIALIZED (SELECT id, breaker FROM reelwork.lanes WHERE id = $1 FOR UPDATE)
UPDATE reelwork.lanes l SET
  error_streak = 0, breaker = 'closed', breaker_until = NULL, breaker_reason = NULL, updated_at = now()
FROM before WHERE l.id = before.id AND (l.breaker <> 'closed' OR l.error_streak > 0)
RETURNING before.breaker <> 'closed'
"""

_UNUSED = """
UPDATE reelwork.lanes l SET breaker = 'open', breaker_until = now(), updated_at = now()
FROM reelwork.submissions s
WHERE s.id = $1 AND l.id = s.lane_id AND l.breaker = 'half_open' AND s.intent_at >= l.breaker_until - $2::interval
"""


async def failed(conn: Executor, submission_id: UUID, probe: timedelta, pause: timedelta, reason: str) -> bool:
    """Count a submission that the provider did not deal with; True where that opened the breaker, or opened it anew.

    `probe` is how long a probe may take, `pause` the first wait of an open breaker, doubled with each failed probe.
    """
    values = (submission_id, probe, pause, reason, TROUBLES_MOST, _DOUBLINGS_MOST)
    return bool(await conn.fetchval(_FAILED, *values))


async def answered(conn: Executor, lane_id: UUID) -> bool:
    """The provider dealt with a submission: the lane is well. True where its breaker was not closed."""
    return bool(await conn.fetchval(_ANSWERED, lane_id))


async def unused(conn: Executor, submission_id: UUID, probe: timedelta) -> None:
    """A start never left: where it was the probe, another one may be."""
    await conn.execute(_UNUSED, submission_id, probe)
