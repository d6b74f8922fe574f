"""How things stand at this moment, as figures for machines. Lanes are those that have work or are held back."""

from dataclasses import dataclass
from datetime import timedelta

from db.connection import Executor

_VIDEOS = """
WITH unfinished AS (
  SELECT lane_id, kind,
    CASE WHEN state = 'queued' AND due_at > now() THEN 'delayed' ELSE state END AS stage,
    CASE WHEN state = 'queued' THEN least(due_at, now()) WHEN state = 'needs_review' THEN review_at
      ELSE coalesce(run_at, created_at) END AS since
  FROM reelwork.video_jobs
  WHERE state IN ('queued', 'submitting', 'generating', 'collecting', 'needs_review')
), counted AS (
  SELECT lane_id, kind, stage, count(*) AS videos, extract(epoch FROM now() - min(since))::float8 AS age_s
  FROM unfinished GROUP BY lane_id, kind, stage ORDER BY videos DESC LIMIT 1000
)
SELECT 'reelwork_videos' AS name, lane_id::text AS lane, kind, stage, videos::float8 AS value FROM counted
UNION ALL
SELECT 'reelwork_oldest_video_age_seconds', lane_id::text, kind, stage, age_s FROM counted WHERE age_s IS NOT NULL
"""

_LANES = """
WITH busy AS MATERIALIZED (
  SELECT lane_id, count(*) AS in_flight FROM reelwork.submissions
  WHERE ended_at IS NULL AND intent_at > now() - $1::interval GROUP BY lane_id
), shown AS MATERIALIZED (
  SELECT l.id::text AS lane, l.kind, coalesce(b.in_flight, 0) AS in_flight, l.paused,
    l.blocked_until > now() AS blocked, l.breaker <> 'closed' AS broken
  FROM reelwork.lanes l LEFT JOIN busy b ON b.lane_id = l.id
  WHERE b.in_flight > 0 OR l.paused OR l.blocked_until > now() OR l.breaker <> 'closed'
    OR EXISTS (SELECT 1 FROM reelwork.video_jobs j WHERE j.lane_id = l.id AND j.state = 'queued')
  ORDER BY l.created_at LIMIT 500
)
SELECT 'reelwork_lane_in_flight' AS name, lane, kind, '' AS stage, in_flight::float8 AS value FROM shown
UNION ALL SELECT 'reelwork_lane_paused', lane, kind, '', paused::int FROM shown
UNION ALL SELECT 'reelwork_lane_blocked', lane, kind, '', coalesce(blocked, false)::int FROM shown
UNION ALL SELECT 'reelwork_lane_breaker_open', lane, kind, '', broken::int FROM shown
"""

_WHOLE = """
WITH living AS (
  SELECT in_flight, rss_bytes FROM reelwork.workers WHERE ended_at IS NULL AND beat > now() - $1::interval
)
SELECT 'reelwork_workers' AS name, '' AS lane, '' AS kind, '' AS stage, count(*)::float8 AS value FROM living
UNION ALL SELECT 'reelwork_workers_in_flight', '', '', '', coalesce(sum(in_flight), 0)::float8 FROM living
UNION ALL SELECT 'reelwork_workers_resident_bytes', '', '', '', coalesce(sum(rss_bytes), 0)::float8 FROM living
UNION ALL SELECT 'reelwork_paused', '', '', '', paused::int::float8 FROM reelwork.installation
UNION ALL
SELECT 'reelwork_unknown_submissions', '', '', '', count(*)::float8 FROM reelwork.submissions WHERE outcome = 'unknown'
UNION ALL
SELECT 'reelwork_webhooks_pending', '', '', '', count(*)::float8 FROM reelwork.webhook_deliveries
WHERE delivered_at IS NULL AND gave_up_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """One figure; a label that does not apply is empty."""

    name: str
    lane: str
    kind: str
    stage: str
    value: float


async def standings(conn: Executor, lease: timedelta, generation_timeout: timedelta) -> list[Standing]:
    """All figures. A submission older than `generation_timeout` no longer counts as in flight."""
    rows = await conn.fetch(_VIDEOS)
    rows += await conn.fetch(_LANES, generation_timeout)
    rows += await conn.fetch(_WHOLE, lease)
    return [Standing(**dict(row)) for row in rows]
