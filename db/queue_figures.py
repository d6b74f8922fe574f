"""The queue in numbers: how many videos stand where, which failed, and whether work is being done."""

from dataclasses import dataclass
from datetime import timedelta

from db.connection import Executor
from db.tables import VideoJob, Worker

_STATS = """
SELECT
  count(*) FILTER (WHERE state = 'queued' AND due_at <= now()) AS waiting,
  count(*) FILTER (WHERE state = 'queued' AND due_at > now()) AS delayed,
  count(*) FILTER (WHERE state IN ('submitting', 'generating', 'collecting')) AS active,
  count(*) FILTER (WHERE state = 'needs_review') AS needs_review,
  extract(epoch FROM now() - min(due_at) FILTER (WHERE state = 'queued' AND due_at <= now()))::float8
    AS oldest_waiting_s
FROM reelwork.video_jobs
WHERE state IN ('queued', 'submitting', 'generating', 'collecting', 'needs_review')
"""

_ENDED = """
SELECT
  (SELECT count(*) FROM reelwork.video_jobs WHERE state = 'completed') AS completed,
  (SELECT count(*) FROM reelwork.video_jobs WHERE state = 'failed') AS failed
"""

_FAILURES = """
SELECT id, storyboard_id, scene_id, kind, model, prompt, params, error_code, error_message, attempts_made, completed_at
FROM reelwork.video_jobs WHERE state = 'failed' ORDER BY completed_at DESC, id LIMIT $1
"""

_WORKERS = """
SELECT id, host, pid, version, started_at, beat, ended_at, draining, in_flight, capacity, rss_bytes,
  extract(epoch FROM now() - beat)::float8 AS beat_age_s
FROM reelwork.workers WHERE ended_at IS NULL AND beat > now() - $1::interval ORDER BY started_at, id
"""

# A lane that started or finished something within the window is at work, whatever waits behind its rate or its cap.
_STALLED = """
SELECT EXISTS (
  SELECT 1 FROM reelwork.lanes l JOIN reelwork.installation i ON NOT i.paused
  WHERE NOT l.paused AND l.updated_at <= now() - $1::interval
    AND (l.blocked_until IS NULL OR l.blocked_until <= now() - $1::interval) AND l.breaker = 'closed'
    AND EXISTS (
      SELECT 1 FROM reelwork.video_jobs j
      WHERE j.lane_id = l.id AND j.state = 'queued' AND j.due_at <= now() - $1::interval)
    AND NOT EXISTS (
      SELECT 1 FROM reelwork.submissions s
      WHERE s.lane_id = l.id AND s.counted AND s.intent_at > now() - ($2::interval + $1::interval)
        AND (s.intent_at > now() - $1::interval OR s.ended_at > now() - $1::interval))
    AND (coalesce(l.max_in_flight, $3) = 0 OR coalesce(l.max_in_flight, $3) > (
      SELECT count(*) FROM reelwork.submissions s
      WHERE s.lane_id = l.id AND s.ended_at IS NULL AND s.intent_at > now() - $2::interval))
)
"""


@dataclass(frozen=True, slots=True)
class QueueStats:
    """What has not ended: `waiting` is queued and due, `delayed` queued for later, `active` in a worker's hands or
    about to be; seconds since the oldest waiting one became due, None where nothing waits."""

    waiting: int
    delayed: int
    active: int
    needs_review: int
    oldest_waiting_s: float | None


@dataclass(frozen=True, slots=True)
class EndedCounts:
    """How many rows there are of what ended with a video, and of what ended without one for good."""

    completed: int
    failed: int


@dataclass(frozen=True, slots=True)
class StallPolicy:
    """`after`: how long a due video may wait on a startable lane. The others are the environment's limits for lanes."""

    after: timedelta
    generation_timeout: timedelta
    max_in_flight: int


@dataclass(frozen=True, slots=True)
class LivingWorker:
    """A process whose heart beats; `beat_age_s` is how long ago it last did."""

    worker: Worker
    beat_age_s: float


async def stats(conn: Executor) -> QueueStats:
    """The unfinished, found by their state: cheap however many have ended."""
    row = await conn.fetchrow(_STATS)
    return QueueStats(**dict(row or {}))


async def ended(conn: Executor) -> EndedCounts:
    """Counts rows one by one: its cost grows with what is kept."""
    row = await conn.fetchrow(_ENDED)
    return EndedCounts(**dict(row or {}))


async def failures(conn: Executor, limit: int) -> list[VideoJob]:
    """What failed, latest first, as far as the columns of a failure go."""
    return [VideoJob.of(row) for row in await conn.fetch(_FAILURES, limit)]


async def living_workers(conn: Executor, lease: timedelta) -> list[LivingWorker]:
    """Workers that have been heard of within the lease."""
    found = []
    for row in await conn.fetch(_WORKERS, lease):
        columns = dict(row)
        found.append(LivingWorker(beat_age_s=columns.pop("beat_age_s"), worker=Worker.of(columns)))
    return found


async def is_stalled(conn: Executor, policy: StallPolicy) -> bool:
    """Whether a due video has waited too long on a lane that could start it: not paused or blocked, breaker closed,
    room under its cap, and nothing started or ended there meanwhile."""
    stalled: bool = await conn.fetchval(_STALLED, policy.after, policy.generation_timeout, policy.max_in_flight)
    return stalled
