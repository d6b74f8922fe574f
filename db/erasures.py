"""Erasing what is kept about one of a client's own users, step by step until nothing is left.

Every step takes what was asked for before the erasure, may be cut off and done again, and needs the client's lock
(`db.clients.lock`), which creates and uploads take too: nothing then comes to refer to what is being removed. Videos
end as cancelled ones do, so that no paid one is in no book; lines of the ledger stay, they hold no text.
"""

from dataclasses import dataclass
from uuid import UUID

from db import steering
from db.connection import Executor
from db.idempotency import forgotten_key
from db.states import JobState

_SOME = 500
"""Videos that one transaction ends, so that it stays far below its time-outs."""

_BEGIN = """
INSERT INTO reelwork.erasures AS e (client_id, end_user_id)
SELECT $1, $2
WHERE EXISTS (SELECT 1 FROM reelwork.video_jobs WHERE client_id = $1 AND end_user_id = $2)
  OR EXISTS (SELECT 1 FROM reelwork.files WHERE client_id = $1 AND end_user_id = $2)
  OR EXISTS (
    SELECT 1 FROM reelwork.idempotency_keys WHERE client_id = $1 AND $2 = ANY (end_users) AND sealed IS NOT NULL)
ON CONFLICT (client_id, end_user_id) DO UPDATE SET requested_at = now(), next_at = now()
RETURNING 1
"""

_TAKE = """
WITH due AS MATERIALIZED (
  SELECT client_id, end_user_id FROM reelwork.erasures WHERE next_at <= now()
  ORDER BY next_at LIMIT $1 FOR UPDATE SKIP LOCKED
)
UPDATE reelwork.erasures e
SET next_at = now() + least(greatest(now() - e.requested_at, interval '2 seconds'), interval '1 hour')
FROM due WHERE e.client_id = due.client_id AND e.end_user_id = due.end_user_id
RETURNING e.client_id, e.end_user_id
"""

_ASK_END = """
WITH asked AS MATERIALIZED (
  SELECT j.id FROM reelwork.video_jobs j
  JOIN reelwork.erasures e ON e.client_id = j.client_id AND e.end_user_id = j.end_user_id
  WHERE j.client_id = $1 AND j.end_user_id = $2 AND j.created_at <= e.requested_at
    AND j.state IN ('queued', 'submitting', 'generating') AND (j.cancel_requested_at IS NULL OR NOT j.discard)
  ORDER BY j.id LIMIT $3 FOR UPDATE OF j
), job AS (
  UPDATE reelwork.video_jobs j SET
    cancel_requested_at = coalesce(j.cancel_requested_at, now()), discard = true, updated_at = now()
  FROM asked WHERE j.id = asked.id RETURNING j.id, j.state, j.attempt
), told AS (
  INSERT INTO reelwork.job_events (job_id, type, state, attempt) SELECT id, 'cancel_requested', state, attempt FROM job
)
SELECT id, state FROM job ORDER BY id
"""

_PAID = """
SELECT j.id FROM reelwork.video_jobs j
JOIN reelwork.erasures e ON e.client_id = j.client_id AND e.end_user_id = j.end_user_id
WHERE j.client_id = $1 AND j.end_user_id = $2 AND j.created_at <= e.requested_at
  AND j.state IN ('collecting', 'needs_review')
ORDER BY j.id LIMIT $3
"""

# An image that a client uploaded without saying for whom goes too where only this user's videos were made of it.
_OWN_UPLOADS = """
UPDATE reelwork.files f SET end_user_id = $2
WHERE f.client_id = $1 AND f.end_user_id IS NULL AND EXISTS (
    SELECT 1 FROM reelwork.job_images i JOIN reelwork.video_jobs j ON j.id = i.job_id
    WHERE i.image_id = f.image_id AND j.client_id = $1 AND j.end_user_id = $2)
  AND NOT EXISTS (
    SELECT 1 FROM reelwork.job_images i JOIN reelwork.video_jobs j ON j.id = i.job_id
    WHERE i.image_id = f.image_id AND j.end_user_id IS DISTINCT FROM $2)
"""

_REMOVE_UPLOADS = """
WITH gone AS (
  DELETE FROM reelwork.files f USING reelwork.erasures e
  WHERE f.client_id = $1 AND f.end_user_id = $2 AND e.client_id = $1 AND e.end_user_id = $2
    AND f.created_at <= e.requested_at
  RETURNING f.id, f.image_id
)
DELETE FROM reelwork.images m
WHERE m.id IN (SELECT image_id FROM gone)
  AND NOT EXISTS (SELECT 1 FROM reelwork.job_images i WHERE i.image_id = m.id)
  AND NOT EXISTS (
    SELECT 1 FROM reelwork.files f WHERE f.image_id = m.id AND f.id NOT IN (SELECT id FROM gone))
"""

# What was cancelled while its result was being stored waits a minute, in which a process may still store it. The
# provider's copy goes whatever is usual; where it is, only the row says, which therefore stays that long, without text.
_EMPTY = """
WITH ended AS MATERIALIZED (
  SELECT j.id, j.webhook_url FROM reelwork.video_jobs j
  JOIN reelwork.erasures e ON e.client_id = j.client_id AND e.end_user_id = j.end_user_id
  WHERE j.client_id = $1 AND j.end_user_id = $2 AND j.created_at <= e.requested_at
    AND (j.state IN ('completed', 'failed') OR (j.state = 'cancelled'
      AND (j.result IS NULL OR j.completed_at < now() - interval '1 minute'))
      OR (j.state = 'deleting' AND j.prompt <> ''))
  ORDER BY j.id LIMIT $3 FOR UPDATE OF j
), job AS (
  UPDATE reelwork.video_jobs j SET
    state = 'deleting', prompt = '', params = '{}', caller_metadata = NULL, webhook_url = NULL, storyboard_id = NULL,
    scene_id = NULL, adjusted = NULL, error_message = NULL, trace_id = NULL, body_hash = '', fingerprint = '',
    inputs_hash = NULL, updated_at = now(), copy_due_at = CASE
      WHEN j.provider_job_id IS NOT NULL OR j.result IS NOT NULL THEN coalesce(j.copy_due_at, now()) END
  FROM ended WHERE j.id = ended.id
), events AS (
  DELETE FROM reelwork.job_events WHERE job_id IN (SELECT id FROM ended)
), calls AS (
  DELETE FROM reelwork.create_calls WHERE job_id IN (SELECT id FROM ended)
), messages AS (
  DELETE FROM reelwork.webhook_deliveries WHERE job_id IN (SELECT id FROM ended)
), endpoints AS (
  DELETE FROM reelwork.webhook_endpoints p USING ended
  WHERE p.client_id = $1 AND p.url = ended.webhook_url AND NOT EXISTS (
    SELECT 1 FROM reelwork.webhook_deliveries d
    WHERE d.client_id = $1 AND d.url = p.url AND d.job_id NOT IN (SELECT id FROM ended))
), notes AS (
  UPDATE reelwork.audit SET data = '{}' WHERE target IN (SELECT id::text FROM ended)
), facts AS (
  UPDATE reelwork.submissions SET error_message = NULL,
    fingerprint = CASE WHEN outcome IN ('unknown', 'review') OR outcome IS NULL THEN fingerprint ELSE '' END
  WHERE job_id IN (SELECT id FROM ended)
), inputs AS (
  DELETE FROM reelwork.job_images WHERE job_id IN (SELECT id FROM ended) RETURNING image_id
), pictures AS (
  DELETE FROM reelwork.images m
  WHERE m.id IN (SELECT image_id FROM inputs)
    AND NOT EXISTS (SELECT 1 FROM reelwork.files f WHERE f.image_id = m.id)
    AND NOT EXISTS (
      SELECT 1 FROM reelwork.job_images i WHERE i.image_id = m.id AND i.job_id NOT IN (SELECT id FROM ended))
)
SELECT count(*) FROM ended
"""

_EMPTIED = """
SELECT id, copy_due_at IS NULL AS may_go FROM reelwork.video_jobs
WHERE client_id = $1 AND end_user_id = $2 AND state = 'deleting' AND prompt = '' AND id > $3
ORDER BY id LIMIT $4
"""

_KEYS = """
SELECT id, key FROM reelwork.idempotency_keys
WHERE client_id = $1 AND $2 = ANY (end_users) AND sealed IS NOT NULL ORDER BY id
"""

_FORGET_KEY = "UPDATE reelwork.idempotency_keys SET sealed = NULL, key = $2, end_users = NULL WHERE id = $1"

_LEFT = """
SELECT
  count(*) FILTER (WHERE j.state NOT IN ('completed', 'failed', 'cancelled', 'deleting')) AS ending,
  count(*) FILTER (WHERE j.state IN ('completed', 'failed', 'cancelled', 'deleting')) AS removing
FROM reelwork.erasures e
JOIN reelwork.video_jobs j ON j.client_id = e.client_id AND j.end_user_id = e.end_user_id
WHERE e.client_id = $1 AND e.end_user_id = $2 AND j.created_at <= e.requested_at
"""

_IS_OPEN = "SELECT 1 FROM reelwork.erasures WHERE client_id = $1 AND end_user_id = $2"

_CLOSE = """
DELETE FROM reelwork.erasures e
WHERE e.client_id = $1 AND e.end_user_id = $2 AND NOT EXISTS (
  SELECT 1 FROM reelwork.video_jobs j
  WHERE j.client_id = $1 AND j.end_user_id = $2 AND j.created_at <= e.requested_at)
RETURNING 1
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """A client's own user, by the client's own name for it."""

    client_id: UUID
    end_user_id: str


@dataclass(frozen=True, slots=True)
class Left:
    """Videos that have not ended yet, and those whose rows, files or provider's copies are still to go."""

    ending: int
    removing: int


@dataclass(frozen=True, slots=True)
class Emptied:
    """A job without text whose files are to go; its row too where `may_go`."""

    id: UUID
    may_go: bool


async def begin(conn: Executor, subject: Subject) -> bool:
    """Note that everything there is by now is to go; False where there is nothing."""
    return await conn.fetchval(_BEGIN, subject.client_id, subject.end_user_id) is not None


async def is_open(conn: Executor, subject: Subject) -> bool:
    """Whether an erasure is still under way."""
    return await conn.fetchval(_IS_OPEN, subject.client_id, subject.end_user_id) is not None


async def take(conn: Executor, batch: int) -> list[Subject]:
    """Whose next round is due; nobody else gets them for two seconds, and later ones come less and less often."""
    return [Subject(**dict(row)) for row in await conn.fetch(_TAKE, batch)]


async def end_videos(conn: Executor, subject: Subject) -> list[UUID]:
    """Cancel what is not paid for, give up what is, and ask the owners of what may be: some of each. Returns whose
    owners to tell."""
    asked = await conn.fetch(_ASK_END, subject.client_id, subject.end_user_id, _SOME)
    for row in asked:
        if row["state"] == JobState.QUEUED:
            await steering.cancel_requeued(conn, row["id"])
    for row in await conn.fetch(_PAID, subject.client_id, subject.end_user_id, _SOME):
        await steering.cancel_now(conn, row["id"], discard=True)
    return [row["id"] for row in asked if row["state"] != JobState.QUEUED]


async def remove_texts(conn: Executor, subject: Subject, batch: int) -> int:
    """Uploads, answers kept for repeats, and all text of videos that have ended; returns how many videos."""
    who = (subject.client_id, subject.end_user_id)
    await conn.execute(_OWN_UPLOADS, *who)
    await conn.execute(_REMOVE_UPLOADS, *who)
    for row in await conn.fetch(_KEYS, *who):
        await conn.execute(_FORGET_KEY, row["id"], forgotten_key(row["key"]))
    count: int = await conn.fetchval(_EMPTY, *who, batch)
    return count


async def emptied(conn: Executor, subject: Subject, after: UUID, batch: int) -> list[Emptied]:
    """Videos whose files are to go, in the order of their ids; `after` is the last one seen."""
    rows = await conn.fetch(_EMPTIED, subject.client_id, subject.end_user_id, after, batch)
    return [Emptied(**dict(row)) for row in rows]


async def left(conn: Executor, subject: Subject) -> Left:
    """What the erasure still waits for."""
    (row,) = await conn.fetch(_LEFT, subject.client_id, subject.end_user_id)
    return Left(**dict(row))


async def close(conn: Executor, subject: Subject) -> bool:
    """Forget the erasure itself, once no row of it is left."""
    return await conn.fetchval(_CLOSE, subject.client_id, subject.end_user_id) is not None
