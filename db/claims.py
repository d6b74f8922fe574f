"""Claims: which queued videos start now. One statement each, so that no process can hold a lane while it sleeps."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from db.connection import Executor

_STALE_TRIES = 20


@dataclass(frozen=True, slots=True)
class LaneDefaults:
    """The environment's limits, for lanes that set none of their own; 0 is no limit.

    `generation_timeout` is how long an accepted video counts as in flight; `submit_timeout` how long a call may take,
    `probe_timeout` how long a breaker waits for its probe's outcome.
    """

    rate_per_minute: int
    max_in_flight: int
    generation_timeout: timedelta
    submit_timeout: timedelta
    probe_timeout: timedelta = timedelta(seconds=70)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a claim got. `next_start_at` is set where only the rate holds the lane back, `more` where due rows may be
    left that another process could start at once, `held_back` where rate or cap left none to start."""

    job_ids: tuple[UUID, ...] = ()
    next_start_at: datetime | None = None
    more: bool = False
    held_back: bool = False


_STARTABLE = """
WITH RECURSIVE due (lane_id, due_at) AS (
  (SELECT lane_id, due_at FROM reelwork.video_jobs
    WHERE state = 'queued' AND due_at IS NOT NULL ORDER BY lane_id, due_at LIMIT 1)
  UNION ALL
  SELECT following.lane_id, following.due_at
  FROM due, LATERAL (
    SELECT lane_id, due_at FROM reelwork.video_jobs
    WHERE state = 'queued' AND due_at IS NOT NULL AND lane_id > due.lane_id ORDER BY lane_id, due_at LIMIT 1
  ) following
)
SELECT due.lane_id
FROM due
JOIN reelwork.lanes l ON l.id = due.lane_id
JOIN reelwork.installation i ON NOT i.paused
WHERE due.due_at <= now() AND NOT l.paused
  AND (l.blocked_until IS NULL OR l.blocked_until <= now())
  AND (l.breaker = 'closed' OR l.breaker_until <= now())
"""

# Where a breaker's time is over one start goes through as its probe, and the breaker is half open until its outcome. A
# claim that finds no row to start takes the probe back.
_NO_PROBE = """
UPDATE reelwork.lanes SET breaker = 'open', breaker_until = now()
WHERE id = $1 AND breaker = 'half_open' AND NOT EXISTS (
  SELECT 1 FROM reelwork.submissions s
  WHERE s.lane_id = $1 AND s.intent_at >= lanes.breaker_until - $2::interval)
"""

# The counts are those of the statement's snapshot. A claim that committed after it was taken has moved claim_seq on,
# which the locked row shows: then nothing is picked and the caller asks again with a fresh snapshot. Only a claim whose
# counts still hold moves claim_seq, so that of many at once one always gets through.
_CLAIM = """
WITH lane AS MATERIALIZED (
  SELECT l.id, l.claim_seq, l.breaker <> 'closed' AS is_probe, coalesce(l.rate_per_minute, $4) AS rate,
    coalesce(l.max_in_flight, $5) AS cap
  FROM reelwork.lanes l JOIN reelwork.installation i ON NOT i.paused
  JOIN reelwork.workers w ON w.id = $2 AND w.ended_at IS NULL
  WHERE l.id = $1 AND NOT l.paused
    AND (l.blocked_until IS NULL OR l.blocked_until <= now())
    AND (l.breaker = 'closed' OR l.breaker_until <= now())
), pace AS MATERIALIZED (
  SELECT *,
    CASE WHEN rate > 600 THEN rate / 10 ELSE rate END AS starts,
    CASE WHEN rate > 600 THEN interval '6.2 seconds' ELSE interval '61 seconds' END AS span
  FROM lane
), room AS MATERIALIZED (
  SELECT pace.*,
    CASE WHEN rate = 0 THEN 2147483647 ELSE starts - (
      SELECT count(*) FROM reelwork.submissions s
      WHERE s.lane_id = $1 AND s.counted AND s.intent_at > now() - span) END AS rate_room,
    CASE WHEN cap = 0 THEN 2147483647 ELSE cap - (
      SELECT count(*) FROM reelwork.submissions s
      WHERE s.lane_id = $1 AND s.ended_at IS NULL AND s.intent_at > now() - $6::interval) END AS cap_room,
    EXISTS (SELECT 1 FROM reelwork.video_jobs WHERE lane_id = $1 AND state = 'queued' AND due_at <= now()) AS has_due
  FROM pace
), wanted AS MATERIALIZED (
  SELECT id, claim_seq, least(rate_room, cap_room, CASE WHEN is_probe THEN 1 ELSE $3 END) AS places
  FROM room WHERE has_due AND least(rate_room, cap_room, $3) > 0
), locked AS (
  UPDATE reelwork.lanes l SET
    claim_seq = l.claim_seq + 1,
    breaker = CASE WHEN l.breaker = 'closed' THEN 'closed' ELSE 'half_open' END,
    breaker_until = CASE WHEN l.breaker = 'closed' THEN l.breaker_until ELSE now() + $8::interval END
  FROM wanted
  WHERE l.id = wanted.id AND l.claim_seq = wanted.claim_seq AND NOT l.paused
    AND (l.blocked_until IS NULL OR l.blocked_until <= now())
    AND (l.breaker = 'closed' OR l.breaker_until <= now())
  RETURNING wanted.places
), picked AS MATERIALIZED (
  SELECT j.id FROM reelwork.video_jobs j
  WHERE j.lane_id = $1 AND j.state = 'queued' AND j.tag IS NOT NULL AND j.due_at <= now()
    AND j.cancel_requested_at IS NULL AND (j.expires_at IS NULL OR j.expires_at > now())
    AND NOT EXISTS (
      SELECT 1 FROM reelwork.submissions s JOIN reelwork.video_jobs lost ON lost.submission_id = s.id
      WHERE s.lane_id = $1 AND s.outcome = 'unknown' AND s.fingerprint = j.fingerprint
        AND lost.id = s.job_id AND lost.state = 'submitting')
  ORDER BY j.priority, j.tag, j.created_at, j.id
  LIMIT coalesce((SELECT places FROM locked), 0)
  FOR UPDATE OF j SKIP LOCKED
), moved AS (
  UPDATE reelwork.video_jobs j SET
    state = 'submitting', owner = $2, epoch = j.epoch + 1, submission_id = gen_random_uuid(), due_at = NULL,
    next_at = NULL, started_at = coalesce(j.started_at, now()), updated_at = now()
  FROM picked WHERE j.id = picked.id AND j.state = 'queued' AND EXISTS (SELECT 1 FROM locked)
  RETURNING j.id, j.lane_id, j.client_id, j.priority, j.tag, j.attempt, j.epoch, j.submission_id, j.fingerprint,
    j.inputs_hash
), intents AS (
  INSERT INTO reelwork.submissions
    (id, job_id, lane_id, attempt, epoch, worker, fingerprint, inputs_hash, label, intent_at, deadline_at)
  SELECT submission_id, id, lane_id, attempt, epoch, $2, fingerprint, inputs_hash, 'rw-' || submission_id, now(),
    now() + $7::interval
  FROM moved
), turns AS (
  INSERT INTO reelwork.lane_turns (lane_id, priority, client_id, last_tag)
  SELECT lane_id, priority, client_id, max(tag) FROM moved GROUP BY lane_id, priority, client_id
  ON CONFLICT (lane_id, priority, client_id) DO UPDATE SET last_tag = excluded.last_tag, started_at = now()
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt, worker)
  SELECT id, 'claimed', 'submitting', attempt, $2 FROM moved
)
SELECT moved.id, room.rate_room, room.cap_room, room.is_probe,
  EXISTS (SELECT 1 FROM wanted) AND NOT EXISTS (SELECT 1 FROM locked) AS stale,
  CASE WHEN room.rate_room <= 0 AND room.cap_room > 0 THEN (
    SELECT s.intent_at + room.span FROM reelwork.submissions s
    WHERE s.lane_id = $1 AND s.counted AND s.intent_at > now() - room.span
    ORDER BY s.intent_at OFFSET greatest(-room.rate_room, 0) LIMIT 1) END AS next_start_at
FROM room LEFT JOIN moved ON true
"""

# One process at a time, and always the thousand that wait longest: one whose snapshot is older than the last one's
# commit finds them placed already. So no place is given twice.
_TAG_DUE = """
WITH waiting AS MATERIALIZED (
  SELECT id, row_number() OVER (
    PARTITION BY lane_id, priority, client_id ORDER BY due_at, created_at, id) AS place
  FROM (
    SELECT id, lane_id, priority, client_id, due_at, created_at FROM reelwork.video_jobs
    WHERE state = 'queued' AND tag IS NULL AND due_at <= now()
      AND (SELECT pg_try_advisory_xact_lock(hashtext('reelwork.places')))
    ORDER BY due_at, created_at, id LIMIT 1000
  ) longest
), untagged AS MATERIALIZED (
  SELECT j.id, j.lane_id, j.priority, j.client_id, w.place FROM waiting w JOIN reelwork.video_jobs j ON j.id = w.id
  WHERE j.state = 'queued' AND j.tag IS NULL ORDER BY j.id FOR UPDATE OF j SKIP LOCKED
), standing AS MATERIALIZED (
  SELECT g.lane_id, g.priority, g.client_id, c.weight, greatest(
    coalesce(
      (SELECT q.tag FROM reelwork.video_jobs q
        WHERE q.lane_id = g.lane_id AND q.priority = g.priority AND q.state = 'queued' AND q.tag IS NOT NULL
          AND q.due_at <= now()
        ORDER BY q.tag LIMIT 1),
      (SELECT t.last_tag FROM reelwork.lane_turns t
        WHERE t.lane_id = g.lane_id AND t.priority = g.priority ORDER BY t.started_at DESC LIMIT 1), 0),
    coalesce(
      (SELECT max(q.tag) FROM reelwork.video_jobs q
        WHERE q.lane_id = g.lane_id AND q.priority = g.priority AND q.client_id = g.client_id AND q.state = 'queued'),
      (SELECT t.last_tag FROM reelwork.lane_turns t
        WHERE t.lane_id = g.lane_id AND t.priority = g.priority AND t.client_id = g.client_id), 0)) AS base
  FROM (SELECT DISTINCT lane_id, priority, client_id FROM untagged) g JOIN reelwork.clients c ON c.id = g.client_id
)
UPDATE reelwork.video_jobs j SET tag = s.base + u.place / s.weight
FROM untagged u JOIN standing s USING (lane_id, priority, client_id)
WHERE j.id = u.id
"""


async def startable_lanes(conn: Executor) -> list[UUID]:
    """Lanes that have due rows and are neither paused nor told to wait; their rate and cap are the claim's affair."""
    return [row["lane_id"] for row in await conn.fetch(_STARTABLE)]


async def tag_due(conn: Executor) -> int:
    """Give scheduled rows that became due their place in the fair order; returns how many."""
    return int((await conn.execute(_TAG_DUE)).rpartition(" ")[2])


async def claim(conn: Executor, lane_id: UUID, worker: UUID, places: int, defaults: LaneDefaults) -> Claim:
    """Start at most `places` videos of a lane: each becomes `submitting`, owned by the worker, with its intent written.

    Never more than rate and cap allow over all processes. Highest priority first, then the fair order, then the oldest.
    """
    for _ in range(_STALE_TRIES):
        rows = await conn.fetch(
            _CLAIM,
            lane_id,
            worker,
            places,
            defaults.rate_per_minute,
            defaults.max_in_flight,
            defaults.generation_timeout,
            defaults.submit_timeout,
            defaults.probe_timeout,
        )
        if not (rows and rows[0]["stale"]):
            break
    else:
        return Claim(more=True)
    if not rows:
        return Claim()
    first = rows[0]
    job_ids = tuple(row["id"] for row in rows if row["id"] is not None)
    if first["is_probe"] and not job_ids:
        await conn.execute(_NO_PROBE, lane_id, defaults.probe_timeout)
    return Claim(
        job_ids=job_ids,
        next_start_at=first["next_start_at"],
        more=not first["is_probe"] and min(first["rate_room"], first["cap_room"]) > len(job_ids) == places,
        held_back=min(first["rate_room"], first["cap_room"]) <= len(job_ids),
    )
