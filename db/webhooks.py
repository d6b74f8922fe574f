"""Messages to callers: what is due, what became of each try, and who is told at all.

A message is written by a trigger with the transition it tells of. Each claim pushes its next try on, so that two
processes never send one at once and a dead process's message is sent again a little later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from db.connection import Executor
from db.tables import Client, WebhookDelivery, WebhookEndpoint

_CLAIM = """
WITH waiting AS MATERIALIZED (
  SELECT id, next_at, row_number() OVER (PARTITION BY client_id, url ORDER BY next_at, id) AS place
  FROM (
    SELECT d.id, d.client_id, d.url, d.next_at FROM reelwork.webhook_deliveries d
    WHERE d.delivered_at IS NULL AND d.gave_up_at IS NULL AND d.next_at <= now() AND d.url <> ALL ($3::text[])
      AND NOT EXISTS (
        SELECT 1 FROM reelwork.webhook_endpoints e
        WHERE e.client_id = d.client_id AND e.url = d.url AND e.disabled_at IS NOT NULL)
    ORDER BY d.next_at LIMIT 1000
  ) longest
), due AS (
  SELECT d.id FROM waiting w JOIN reelwork.webhook_deliveries d ON d.id = w.id
  WHERE w.place <= $2 AND d.delivered_at IS NULL AND d.gave_up_at IS NULL AND d.next_at <= now()
  ORDER BY w.next_at LIMIT $1 FOR UPDATE OF d SKIP LOCKED
)
UPDATE reelwork.webhook_deliveries d SET next_at = now() + $4::interval, attempts = d.attempts + 1
FROM due, reelwork.clients c
WHERE d.id = due.id AND c.id = d.client_id
RETURNING d.id, d.client_id, d.job_id, d.url, d.type, d.attempts, d.created_at, c.webhook_secret AS secret,
  CASE WHEN c.webhook_secret_before_until > now() THEN c.webhook_secret_before END AS secret_before
"""

_DELIVERED = """
WITH told AS (
  UPDATE reelwork.webhook_deliveries SET delivered_at = now(), last_status = $2, last_error = NULL
  WHERE id = $1 AND delivered_at IS NULL RETURNING client_id, url
)
INSERT INTO reelwork.webhook_endpoints AS e (client_id, url) SELECT client_id, url FROM told
ON CONFLICT (client_id, url) DO UPDATE SET failures = 0, failing_since = NULL
WHERE e.failures > 0
"""

_FAILED = """
WITH told AS (
  UPDATE reelwork.webhook_deliveries SET
    last_status = $2, last_error = $3, next_at = now() + coalesce($4::interval, interval '0'),
    gave_up_at = CASE WHEN $4::interval IS NULL THEN now() END
  WHERE id = $1 AND delivered_at IS NULL RETURNING client_id, url
)
INSERT INTO reelwork.webhook_endpoints AS e (client_id, url, failures, failing_since, disabled_at, disabled_reason)
SELECT client_id, url, 1, now(), CASE WHEN $5 THEN now() END, CASE WHEN $5 THEN 'it answered 410 Gone' END FROM told
ON CONFLICT (client_id, url) DO UPDATE SET
  failures = e.failures + 1, failing_since = coalesce(e.failing_since, now()),
  disabled_at = CASE WHEN e.disabled_at IS NULL AND ($5 OR e.failing_since < now() - $6::interval) THEN now()
    ELSE e.disabled_at END,
  disabled_reason = CASE WHEN e.disabled_at IS NULL AND $5 THEN 'it answered 410 Gone'
    WHEN e.disabled_at IS NULL AND e.failing_since < now() - $6::interval THEN 'every try failed for too long'
    ELSE e.disabled_reason END
RETURNING e.disabled_at = now() AS switched_off
"""

_DROP = """
UPDATE reelwork.webhook_deliveries SET gave_up_at = now(), last_error = $2 WHERE id = $1 AND delivered_at IS NULL
"""

_REPLAY = """
INSERT INTO reelwork.webhook_deliveries (id, client_id, job_id, url, type)
SELECT gen_random_uuid(), client_id, job_id, url, type FROM reelwork.webhook_deliveries
WHERE id = $1 AND ($2::uuid IS NULL OR client_id = $2)
RETURNING id, client_id, job_id, url, type, attempts, next_at, delivered_at, gave_up_at, last_status, last_error,
  created_at
"""

_LIST = """
SELECT id, client_id, job_id, url, type, attempts, next_at, delivered_at, gave_up_at, last_status, last_error,
  created_at
FROM reelwork.webhook_deliveries
WHERE ($1::uuid IS NULL OR client_id = $1) AND ($2::uuid IS NULL OR job_id = $2) AND (created_at, id) < ($3, $4)
ORDER BY created_at DESC, id DESC LIMIT $5
"""

_ENDPOINTS = """
SELECT client_id, url, failures, failing_since, disabled_at, disabled_reason, created_at
FROM reelwork.webhook_endpoints WHERE $1::uuid IS NULL OR client_id = $1 ORDER BY client_id, created_at, url LIMIT 1000
"""

_ENABLE = """
UPDATE reelwork.webhook_endpoints SET disabled_at = NULL, disabled_reason = NULL, failures = 0, failing_since = NULL
WHERE client_id = $1 AND url = $2 AND disabled_at IS NOT NULL RETURNING 1
"""

_SETTINGS = """
SELECT id, name, webhook_url, webhook_secret, webhook_secret_before, webhook_secret_before_until
FROM reelwork.clients WHERE id = $1
"""

_SET_URL = "UPDATE reelwork.clients SET webhook_url = $2 WHERE id = $1"

_SET_SECRET = """
UPDATE reelwork.clients SET
  webhook_secret_before = webhook_secret,
  webhook_secret_before_until = CASE WHEN webhook_secret IS NOT NULL THEN now() + $3::interval END,
  webhook_secret = $2
WHERE id = $1
"""

_RESEAL = """
UPDATE reelwork.clients SET webhook_secret = $2, webhook_secret_before = $3
WHERE id = $1 AND webhook_secret IS NOT DISTINCT FROM $4 AND webhook_secret_before IS NOT DISTINCT FROM $5
RETURNING 1
"""

_WITH_SECRETS = """
SELECT id, name, webhook_url, webhook_secret, webhook_secret_before, webhook_secret_before_until
FROM reelwork.clients WHERE webhook_secret IS NOT NULL ORDER BY id
"""

_FORGET = """
DELETE FROM reelwork.webhook_deliveries WHERE id IN (
  SELECT id FROM reelwork.webhook_deliveries
  WHERE created_at < now() - $1::interval AND (delivered_at IS NOT NULL OR gave_up_at IS NOT NULL) LIMIT $2)
"""


@dataclass(frozen=True, slots=True)
class Due:
    """A message to send now. Secrets are sealed."""

    id: UUID
    client_id: UUID
    job_id: UUID
    url: str
    type: str
    attempts: int
    created_at: datetime
    secret: bytes | None
    secret_before: bytes | None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a try failed. `again_in` None gives up; `gone` switches the endpoint off at once, and so does a row of
    failures that is longer than `patience`."""

    error: str
    status: int | None
    again_in: timedelta | None
    gone: bool
    patience: timedelta


@dataclass(frozen=True, slots=True)
class Room:
    """How many messages may be sent now, how many of them to one address, and to which addresses none."""

    messages: int
    each: int
    busy: Sequence[str] = ()


async def claim(conn: Executor, room: Room, hold: timedelta) -> list[Due]:
    """Due messages, those first that wait longest; each is due again after `hold`."""
    rows = await conn.fetch(_CLAIM, room.messages, room.each, list(room.busy), hold)
    return [Due(**dict(row)) for row in rows]


async def delivered(conn: Executor, delivery_id: UUID, status: int) -> None:
    """The receiver took it; its endpoint is well again."""
    await conn.execute(_DELIVERED, delivery_id, status)


async def failed(conn: Executor, delivery_id: UUID, failure: Failure) -> bool:
    """Note a failed try; True where its endpoint was switched off by it."""
    values = (failure.status, failure.error, failure.again_in, failure.gone, failure.patience)
    return bool(await conn.fetchval(_FAILED, delivery_id, *values))


async def drop(conn: Executor, delivery_id: UUID, why: str) -> None:
    """Give a message up that cannot be sent at all."""
    await conn.execute(_DROP, delivery_id, why)


async def replay(conn: Executor, delivery_id: UUID, client_id: UUID | None) -> WebhookDelivery | None:
    """The same message once more, under a new id; None where the client (None: any) has no such message."""
    row = await conn.fetchrow(_REPLAY, delivery_id, client_id)
    return WebhookDelivery.of(row) if row else None


async def deliveries(
    conn: Executor, client_id: UUID | None, job_id: UUID | None, after: tuple[datetime, UUID], limit: int
) -> list[WebhookDelivery]:
    """The newest first."""
    return [WebhookDelivery.of(row) for row in await conn.fetch(_LIST, client_id, job_id, *after, limit)]


async def endpoints(conn: Executor, client_id: UUID | None) -> list[WebhookEndpoint]:
    """Every address that a client's (None: anybody's) messages have gone to."""
    return [WebhookEndpoint.of(row) for row in await conn.fetch(_ENDPOINTS, client_id)]


async def enable(conn: Executor, client_id: UUID, url: str) -> bool:
    """Tell a switched-off endpoint again; False where it is not switched off."""
    return await conn.fetchval(_ENABLE, client_id, url) is not None


async def settings(conn: Executor, client_id: UUID) -> Client:
    """A client's webhook columns."""
    row = await conn.fetchrow(_SETTINGS, client_id)
    if row is None:
        raise LookupError("there is no such client")
    return Client.of(row)


async def set_url(conn: Executor, client_id: UUID, url: str | None) -> None:
    await conn.execute(_SET_URL, client_id, url)


async def set_secret(conn: Executor, client_id: UUID, sealed: bytes, overlap: timedelta) -> None:
    """From now on messages are signed with this secret, and for the overlap with the one before it too."""
    await conn.execute(_SET_SECRET, client_id, sealed, overlap)


async def with_secrets(conn: Executor) -> list[Client]:
    """Every client that has a secret."""
    return [Client.of(row) for row in await conn.fetch(_WITH_SECRETS)]


async def reseal(conn: Executor, before: Client, secret: bytes | None, secret_before: bytes | None) -> bool:
    """Put the same secrets under another encryption key; False where they have changed meanwhile."""
    values = (secret, secret_before, before.webhook_secret, before.webhook_secret_before)
    return await conn.fetchval(_RESEAL, before.id, *values) is not None


async def forget(conn: Executor, older_than: timedelta, batch: int) -> int:
    """Drop messages that are done with and that old; returns how many."""
    return int((await conn.execute(_FORGET, older_than, batch)).rpartition(" ")[2])
