"""Clients: the applications that send requests."""

from dataclasses import dataclass
from uuid import UUID

from db.connection import Executor
from db.tables import Client

_LOCK = "SELECT 1 FROM reelwork.clients WHERE id = $1 FOR NO KEY UPDATE"
_LIST = """
SELECT id, name, weight, max_queued, budget_day_micros, budget_month_micros, created_at
FROM reelwork.clients ORDER BY created_at, id
"""
_MAKE = """
INSERT INTO reelwork.clients (id, name, weight) VALUES (gen_random_uuid(), $1, $2)
ON CONFLICT (name) DO NOTHING RETURNING id, name, weight, max_queued, budget_day_micros, budget_month_micros, created_at
"""
_BY_NAME = """
SELECT id, name, weight, max_queued, budget_day_micros, budget_month_micros, created_at
FROM reelwork.clients WHERE name = $1
"""
_ROOM = """
SELECT coalesce(c.max_queued, $2) AS most, (
  SELECT count(*) FROM reelwork.video_jobs j WHERE j.client_id = c.id AND j.state = 'queued') AS queued
FROM reelwork.clients c WHERE c.id = $1 AND coalesce(c.max_queued, $2) > 0
"""
_CHANGE = """
UPDATE reelwork.clients SET
  name = CASE WHEN 'name' = ANY ($2) THEN $3 ELSE name END,
  weight = CASE WHEN 'weight' = ANY ($2) THEN $4 ELSE weight END,
  max_queued = CASE WHEN 'max_queued' = ANY ($2) THEN $5 ELSE max_queued END,
  budget_day_micros = CASE WHEN 'budget_day_micros' = ANY ($2) THEN $6 ELSE budget_day_micros END,
  budget_month_micros = CASE WHEN 'budget_month_micros' = ANY ($2) THEN $7 ELSE budget_month_micros END
WHERE id = $1 RETURNING id, name, weight, max_queued, budget_day_micros, budget_month_micros, created_at
"""


@dataclass(eq=False)
class TooManyQueued(Exception):
    """A client has so many videos queued that no more may join them."""

    queued: int
    most: int


@dataclass(frozen=True, slots=True)
class ClientChange:
    """New values; only those named in `members` change."""

    members: tuple[str, ...]
    name: str | None = None
    weight: float | None = None
    max_queued: int | None = None
    budget_day_micros: int | None = None
    budget_month_micros: int | None = None


async def lock(conn: Executor, client_id: UUID) -> bool:
    """Let this client's creates go one after another until the transaction ends; False where there is no such client.

    First in the order of locks: client, lane, job by id, ledger.
    """
    return await conn.fetchval(_LOCK, client_id) is not None


async def require_room(conn: Executor, client_id: UUID, wanted: int, usual_most: int) -> None:
    """Raise TooManyQueued where so many more would be over the client's limit (0: none), or over the usual one where
    it has none of its own. Under the client's lock."""
    row = await conn.fetchrow(_ROOM, client_id, usual_most)
    if row and row["queued"] + wanted > row["most"]:
        raise TooManyQueued(row["queued"], row["most"])


async def listed(conn: Executor) -> list[Client]:
    return [Client.of(row) for row in await conn.fetch(_LIST)]


async def make(conn: Executor, name: str, weight: float = 1.0) -> Client | None:
    """A new client; None where the name is taken."""
    row = await conn.fetchrow(_MAKE, name, weight)
    return Client.of(row) if row else None


async def named(conn: Executor, name: str) -> Client | None:
    row = await conn.fetchrow(_BY_NAME, name)
    return Client.of(row) if row else None


async def change(conn: Executor, client_id: UUID, wanted: ClientChange) -> Client | None:
    """Set what is named; None where there is no such client. Raises UniqueViolation where the name is taken."""
    limits = (wanted.max_queued, wanted.budget_day_micros, wanted.budget_month_micros)
    row = await conn.fetchrow(_CHANGE, client_id, list(wanted.members), wanted.name, wanted.weight, *limits)
    return Client.of(row) if row else None
