"""Providers' copies of videos that are stored here: which ones may be removed now, and which are gone.

A copy that is listed proves that the listing shows what was accepted. So while the outcome of any submission on a lane
is open, its copies stay: without them nothing could prove that the lost submission never arrived.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from db.connection import Executor

# A call that has had no answer for some seconds may be one whose answer is lost. Each try puts the next one as far off
# as the video is old, and at least a minute, which is also how long another worker leaves this one alone with it.
_TAKE = """
WITH settled AS MATERIALIZED (
  SELECT lanes.lane_id FROM (SELECT DISTINCT lane_id FROM reelwork.video_jobs WHERE copy_due_at <= now()) lanes
  WHERE NOT EXISTS (
    SELECT 1 FROM reelwork.submissions s
    WHERE s.lane_id = lanes.lane_id AND s.ended_at IS NULL AND s.outcome IS NULL
      AND s.intent_at BETWEEN now() - interval '1 day' AND now() - interval '5 seconds')
  AND NOT EXISTS (
    SELECT 1 FROM reelwork.submissions s JOIN reelwork.video_jobs lost ON lost.id = s.job_id
    WHERE s.lane_id = lanes.lane_id AND s.outcome = 'unknown'
      AND lost.submission_id = s.id AND lost.state = 'submitting')
), due AS MATERIALIZED (
  SELECT id FROM reelwork.video_jobs
  WHERE copy_due_at <= now() AND lane_id IN (SELECT lane_id FROM settled)
  ORDER BY copy_due_at LIMIT $1 FOR UPDATE SKIP LOCKED
)
UPDATE reelwork.video_jobs j SET copy_due_at = now() + greatest(now() - j.completed_at, interval '1 minute')
FROM due, reelwork.lanes l, reelwork.credentials c
WHERE j.id = due.id AND l.id = j.lane_id AND c.id = j.credential_id
RETURNING j.id, j.kind, j.server, j.model, j.provider_job_id, j.result, j.credential_id, c.sealed,
  l.base_url, l.project, l.location, l.output_uri, j.completed_at < now() - interval '7 days' AS is_hopeless
"""

_GONE = "UPDATE reelwork.video_jobs SET copy_due_at = NULL WHERE id = $1"


@dataclass(frozen=True, slots=True)
class Copy:
    """A finished video at its provider. `is_hopeless`: it could not be removed for a week."""

    id: UUID
    kind: str
    server: str | None
    model: str
    provider_job_id: str | None
    result: dict[str, Any] | None
    credential_id: UUID
    sealed: bytes
    base_url: str
    project: str | None
    location: str | None
    output_uri: str | None
    is_hopeless: bool


async def take(conn: Executor, batch: int) -> list[Copy]:
    """The next copies to remove, longest due first; nobody else gets them for a minute."""
    return [Copy(**dict(row)) for row in await conn.fetch(_TAKE, batch)]


async def gone(conn: Executor, job_id: UUID) -> None:
    """The provider's copy is removed, or given up."""
    await conn.execute(_GONE, job_id)
