"""What is wrong in an installation at this moment, as Postgres shows it: one row for each thing that a person should
know of."""

from dataclasses import dataclass
from datetime import timedelta

from db.connection import Executor

# A worker that left in order is given a lease for its successor to come; a server's own restart is nobody's silence.
_WORKERS = """
SELECT 'no_worker' AS what, '' AS subject, NULL AS detail, 0::bigint AS count FROM reelwork.installation i
WHERE i.created_at < now() - 2 * $1::interval AND NOT EXISTS (
  SELECT 1 FROM reelwork.workers
  WHERE CASE WHEN ended_at IS NULL THEN greatest(beat, pg_postmaster_start_time()) ELSE ended_at END
    > now() - $1::interval)
"""

_VIDEOS = """
SELECT 'needs_review' AS what, '' AS subject, NULL AS detail, count(*) AS count
FROM reelwork.video_jobs WHERE state = 'needs_review' HAVING count(*) > 0
UNION ALL
SELECT 'storage', '', min(error_message), count(*)
FROM reelwork.video_jobs WHERE state = 'collecting' AND error_code = 'storage_failed' HAVING count(*) > 0
UNION ALL
SELECT 'copy_expires', '', to_char(min((result ->> 'expiresAt')::timestamptz) AT TIME ZONE 'UTC', 'HH24:MI'), count(*)
FROM reelwork.video_jobs
WHERE state = 'collecting' AND (result ->> 'expiresAt')::timestamptz < now() + $1::interval HAVING count(*) > 0
"""

# What only passes is a lane's everyday life. A refusal holds until a submission is accepted again.
_LANES = """
SELECT 'breaker' AS what, id::text AS subject, concat_ws(', ', kind, base_url, breaker_reason) AS detail,
  0::bigint AS count
FROM reelwork.lanes WHERE breaker <> 'closed'
UNION ALL
SELECT 'key_refused', l.id::text, concat_ws(', ', l.kind, l.base_url, 'key …' || l.key_last4, l.blocked_reason), 0
FROM reelwork.lanes l
WHERE l.blocked_until > now() - interval '3 minutes'
  AND l.blocked_reason NOT IN ('rate_limited', 'provider_busy', 'provider_trouble')
  AND NOT EXISTS (
    SELECT 1 FROM reelwork.submissions s
    WHERE s.lane_id = l.id AND s.counted AND s.intent_at > l.blocked_until AND s.provider_id IS NOT NULL)
"""

_CHEAPEST = "SELECT min(micros) FROM reelwork.ledger WHERE day = (now() AT TIME ZONE 'UTC')::date AND entry = 'reserve'"


@dataclass(frozen=True, slots=True)
class Trouble:
    """`what` is its family, `subject` the lane it is about (empty: the installation); `count` is of videos."""

    what: str
    subject: str
    detail: str | None
    count: int


async def troubles(conn: Executor, lease: timedelta, copy_expires_in: timedelta) -> list[Trouble]:
    """All of them."""
    rows = await conn.fetch(_WORKERS, lease)
    rows += await conn.fetch(_VIDEOS, copy_expires_in)
    rows += await conn.fetch(_LANES)
    return [Trouble(**dict(row)) for row in rows]


async def cheapest_reserve(conn: Executor) -> int | None:
    """The least that a video of this UTC day was to cost, in millionths of a US dollar."""
    least: int | None = await conn.fetchval(_CHEAPEST)
    return least
