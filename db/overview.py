"""What happened lately, in figures: ends by time and by reason, how long videos took, and what each day cost."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from db.connection import Executor, Record

# One scan for the stretches of time and for the whole: the row without `at` is the whole.
_ENDS = """
SELECT j.at, count(*) FILTER (WHERE state = 'completed') AS completed,
  count(*) FILTER (WHERE state = 'failed') AS failed, count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY took_s) FILTER (WHERE state = 'completed') AS median_s,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY took_s) FILTER (WHERE state = 'completed') AS slow_s
FROM (
  SELECT date_bin($1, completed_at, 'epoch') AS at, state,
    extract(epoch FROM completed_at - created_at)::float8 AS took_s
  FROM reelwork.video_jobs WHERE completed_at > date_bin($1, now() - $2::interval, 'epoch') AND state <> 'deleting'
) j
GROUP BY GROUPING SETS ((j.at), ()) ORDER BY j.at NULLS FIRST
"""

_REASONS = """
SELECT coalesce(error_code, 'unknown') AS code, count(*) AS jobs, max(completed_at) AS last_at
FROM reelwork.video_jobs WHERE state = 'failed' AND completed_at > now() - $1::interval
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 12
"""

_SPENT = """
SELECT d.day::date AS day, coalesce(sum(l.delta_micros), 0)::bigint AS micros
FROM generate_series($1::date - $2::int, $1::date, interval '1 day') AS d (day)
LEFT JOIN reelwork.ledger l ON l.day = d.day::date
GROUP BY 1 ORDER BY 1
"""

_STAGES = """
SELECT state, count(*) AS jobs, count(*) FILTER (WHERE state = 'queued' AND due_at > now()) AS delayed
FROM reelwork.video_jobs
WHERE state IN ('queued', 'submitting', 'generating', 'collecting', 'needs_review')
GROUP BY state
"""

_COLLECTING = """
SELECT count(*) FROM reelwork.video_jobs WHERE state = 'collecting' AND collect_failures > 0
"""


@dataclass(frozen=True, slots=True)
class Ends:
    """What ended in the stretch of time that begins at `at` (None: in all the time asked for), and in how many seconds
    half of the videos and 95 of 100 were there."""

    at: datetime | None
    completed: int
    failed: int
    cancelled: int
    median_s: float | None
    slow_s: float | None


async def ends(conn: Executor, step: timedelta, since: timedelta) -> tuple[Ends, dict[datetime, Ends]]:
    """Everything that ended in that time, and the stretches in which something did by their beginning."""
    whole, *stretches = [Ends(**dict(row)) for row in await conn.fetch(_ENDS, step, since)]
    return whole, {one.at: one for one in stretches if one.at is not None}


async def reasons(conn: Executor, since: timedelta) -> list[Record]:
    """Failures by their code, the most frequent first."""
    return await conn.fetch(_REASONS, since)


async def spent(conn: Executor, today: date, days_before: int) -> list[Record]:
    """What each UTC day's reserves and verdicts come to, up to today."""
    return await conn.fetch(_SPENT, today, days_before)


async def stages(conn: Executor) -> list[Record]:
    """How many unfinished videos stand where; `delayed` of the queued are not due yet."""
    return await conn.fetch(_STAGES)


async def collecting_again(conn: Executor) -> int:
    """Videos that are made and paid for, and could not be stored at the first try."""
    found: int = await conn.fetchval(_COLLECTING)
    return found
