"""One job as an operator sees it: who has it and until when, its paid calls, and its lines in the ledger."""

from uuid import UUID

from db.connection import Executor, Record

_STANDING = """
SELECT j.owner, w.host AS owner_host, extract(epoch FROM now() - w.beat)::float8 AS owner_silent_s, j.epoch, j.attempt,
  j.due_at, j.next_at, j.wait_until, j.refusals, j.poll_misses, j.collect_failures, j.review_at, j.trace_id,
  j.catalogue_version, j.webhook_url, j.video_bytes, j.video_sha256, j.video_width, j.video_height, j.video_seconds,
  j.video_fps, j.discard, c.name AS client, j.client_id, j.lane_id, l.base_url, l.server, l.paused AS lane_paused,
  l.breaker, CASE WHEN l.blocked_until > now() THEN l.blocked_reason END AS blocked_reason
FROM reelwork.video_jobs j
JOIN reelwork.clients c ON c.id = j.client_id
JOIN reelwork.lanes l ON l.id = j.lane_id
LEFT JOIN reelwork.workers w ON w.id = j.owner
WHERE j.id = $1
"""

_SUBMISSIONS = """
SELECT id, attempt, epoch, worker, label, intent_at, deadline_at, answered_at, provider_id, inferred, outcome,
  error_code, error_message, counted, ended_at
FROM reelwork.submissions WHERE job_id = $1 ORDER BY intent_at, id
"""

_LEDGER = """
SELECT id, attempt, entry, micros, delta_micros, day, note, at FROM reelwork.ledger
WHERE job_id = $1 ORDER BY id
"""

_STORYBOARDS = """
SELECT j.storyboard_id, max(j.created_at) AS created_at, count(*) AS scenes,
  count(*) FILTER (WHERE j.state = 'completed') AS completed,
  count(*) FILTER (WHERE j.state IN ('failed', 'cancelled')) AS unmade
FROM (
  SELECT storyboard_id, state, created_at FROM reelwork.video_jobs
  WHERE storyboard_id IS NOT NULL AND state <> 'deleting' ORDER BY created_at DESC, id DESC LIMIT $1
) j
GROUP BY j.storyboard_id ORDER BY max(j.created_at) DESC LIMIT $2
"""

_INTENTS = """
SELECT j.id AS job_id, s.intent_at, s.deadline_at, s.answered_at, s.label, s.error_code, s.error_message,
  s.clean_looks, j.credential_id, j.kind, j.lane_id, j.prompt, j.model, j.params, j.estimate_micros, c.name AS client
FROM reelwork.video_jobs j
LEFT JOIN reelwork.submissions s ON s.id = j.submission_id
JOIN reelwork.clients c ON c.id = j.client_id
WHERE j.id = ANY ($1::uuid[])
"""


async def standing(conn: Executor, job_id: UUID) -> Record | None:
    """What only operators are told of a row."""
    return await conn.fetchrow(_STANDING, job_id)


async def submissions(conn: Executor, job_id: UUID) -> list[Record]:
    """Its paid calls, oldest first; they outlive the job."""
    return await conn.fetch(_SUBMISSIONS, job_id)


async def ledger_lines(conn: Executor, job_id: UUID) -> list[Record]:
    """What it reserved, settled and released."""
    return await conn.fetch(_LEDGER, job_id)


async def storyboards(conn: Executor, newest_scenes: int, limit: int) -> list[Record]:
    """Storyboards of the newest scenes, with how far these have come."""
    return await conn.fetch(_STORYBOARDS, newest_scenes, limit)


async def intents(conn: Executor, job_ids: list[UUID]) -> list[Record]:
    """The open call of each of these jobs (NULL where it has none), with what finds it at its provider."""
    return await conn.fetch(_INTENTS, job_ids)
