"""Creates that an SDK sends again by itself when an answer is lost, told from deliberate twins.

Such an SDK numbers its tries (0 is the first) and sends no key. A try joins the newest call with the same body that has
not heard that number yet. A later try means that its answer was lost, so it joins no call whose answer is known to have
arrived; a first try joins one that a later try began, which means that it was overtaken on its way.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from db.connection import Executor

REMEMBERED = timedelta(minutes=20)
"""Twice the time after which the SDK gives a try up, from the last one that was heard."""

_JOIN = """
WITH call AS (
  SELECT id FROM reelwork.create_calls
  WHERE client_id = $1 AND body_hash = $2 AND heard_at > now() - $4::interval
    AND NOT $3::smallint = ANY (heard) AND ($3 = 0 OR answered_at IS NULL)
  ORDER BY id DESC LIMIT 1
)
UPDATE reelwork.create_calls c SET heard = c.heard || $3::smallint, heard_at = now() FROM call WHERE c.id = call.id
RETURNING c.job_id
"""

_REMEMBER = """
INSERT INTO reelwork.create_calls (client_id, body_hash, job_id, heard) VALUES ($1, $2, $3, ARRAY[$4::smallint])
"""

_ANSWERED = "UPDATE reelwork.create_calls SET answered_at = now() WHERE job_id = $1 AND answered_at IS NULL"

_FORGET = """
DELETE FROM reelwork.create_calls WHERE id IN (
  SELECT id FROM reelwork.create_calls WHERE heard_at < now() - $1::interval ORDER BY heard_at LIMIT $2)
"""


@dataclass(frozen=True, slots=True)
class Try:
    """One try of a create: whose, of which body (its hash), and its number."""

    client_id: UUID
    body_hash: bytes
    number: int


async def join(conn: Executor, sent: Try) -> UUID | None:
    """The job of the call that this try repeats; None where it is a call of its own.

    Needs the transaction of the create, with the client locked: tries of one body then come one after another.
    """
    job_id: UUID | None = await conn.fetchval(_JOIN, sent.client_id, sent.body_hash, sent.number, REMEMBERED)
    return job_id


async def remember(conn: Executor, sent: Try, job_id: UUID) -> None:
    """Keep a call of its own, in the transaction that accepts its video."""
    await conn.execute(_REMEMBER, sent.client_id, sent.body_hash, job_id, sent.number)


async def answered(conn: Executor, job_id: UUID) -> None:
    """The caller has named this video: the answer of its create has arrived, and no later try is to join it."""
    await conn.execute(_ANSWERED, job_id)


async def forget(conn: Executor, batch: int) -> int:
    """Drop calls that no try can join any more; returns how many."""
    return int((await conn.execute(_FORGET, REMEMBERED, batch)).rpartition(" ")[2])
