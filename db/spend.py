"""What was spent, whose, where and on what: sums over the ledger, and its lines one after another."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from db.connection import Executor

By = Literal["day", "month", "client", "lane", "model"]

# A reserve without a verdict is not spent yet; with one, both lines together are what it came to.
_SUMS = """
WITH lines AS (
  SELECT l.day, l.client_id, l.lane_id, l.entry, l.delta_micros, coalesce(l.model, r.model, j.model) AS model,
    l.entry = 'reserve' AND v.job_id IS NULL AS waits
  FROM reelwork.ledger l
  LEFT JOIN reelwork.ledger v ON v.job_id = l.job_id AND v.attempt = l.attempt AND v.entry IN ('settle', 'release')
  LEFT JOIN reelwork.ledger r ON r.job_id = l.job_id AND r.attempt = l.attempt AND r.entry = 'reserve'
  LEFT JOIN reelwork.video_jobs j ON j.id = l.job_id
  WHERE l.day BETWEEN $1 AND $2 AND ($3::uuid IS NULL OR l.client_id = $3) AND ($4::uuid IS NULL OR l.lane_id = $4)
), sums AS (
  SELECT CASE WHEN 'day' = ANY ($5::text[]) THEN day END AS day,
    CASE WHEN 'month' = ANY ($5) THEN to_char(day, 'YYYY-MM') END AS month,
    CASE WHEN 'client' = ANY ($5) THEN client_id END AS client_id,
    CASE WHEN 'lane' = ANY ($5) THEN lane_id END AS lane_id,
    CASE WHEN 'model' = ANY ($5) THEN model END AS model,
    coalesce(sum(delta_micros) FILTER (WHERE NOT waits), 0)::bigint AS spent_micros,
    coalesce(sum(delta_micros) FILTER (WHERE waits), 0)::bigint AS reserved_micros,
    count(*) FILTER (WHERE entry = 'reserve') AS attempts
  FROM lines GROUP BY 1, 2, 3, 4, 5
)
SELECT s.day, s.month, s.client_id, c.name AS client, s.lane_id, l.kind, l.key_last4, s.model, s.spent_micros,
  s.reserved_micros, s.attempts
FROM sums s LEFT JOIN reelwork.clients c ON c.id = s.client_id LEFT JOIN reelwork.lanes l ON l.id = s.lane_id
ORDER BY s.day, s.month, c.name, l.kind, s.lane_id, s.model
"""

_LINES = """
SELECT l.id, l.at, l.day, l.job_id, l.attempt, l.entry, l.micros, l.delta_micros, l.note, l.catalogue_version,
  l.client_id, c.name AS client, l.lane_id, a.kind, a.key_last4, coalesce(l.model, r.model, j.model) AS model
FROM reelwork.ledger l
LEFT JOIN reelwork.clients c ON c.id = l.client_id
LEFT JOIN reelwork.lanes a ON a.id = l.lane_id
LEFT JOIN reelwork.ledger r ON r.job_id = l.job_id AND r.attempt = l.attempt AND r.entry = 'reserve'
LEFT JOIN reelwork.video_jobs j ON j.id = l.job_id
WHERE l.id > $5 AND l.day BETWEEN $1 AND $2 AND ($3::uuid IS NULL OR l.client_id = $3)
  AND ($4::uuid IS NULL OR l.lane_id = $4)
ORDER BY l.id LIMIT $6
"""
_LINES_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: UTC days with both ends, of one client and one lane, or of any where None."""

    first: date
    last: date
    client_id: UUID | None = None
    lane_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Sum:
    """What one group came to. What is not grouped by is None, as is the model of a removed video's older lines.

    `spent_micros` is settled, `reserved_micros` still waits for a verdict; `attempts` counts submissions reserved for.
    """

    day: date | None
    month: str | None
    client_id: UUID | None
    client: str | None
    lane_id: UUID | None
    kind: str | None
    key_last4: str | None
    model: str | None
    spent_micros: int
    reserved_micros: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the ledger with the names of what it points to."""

    id: int
    at: datetime
    day: date
    job_id: UUID
    attempt: int
    entry: str
    micros: int
    delta_micros: int
    note: str | None
    catalogue_version: str
    client_id: UUID
    client: str | None
    lane_id: UUID
    kind: str | None
    key_last4: str | None
    model: str | None


async def sums(conn: Executor, wanted: Wanted, by: Sequence[By]) -> list[Sum]:
    """The sums of each group; one over everything where `by` is empty."""
    values = (wanted.first, wanted.last, wanted.client_id, wanted.lane_id)
    return [Sum(**dict(row)) for row in await conn.fetch(_SUMS, *values, list(by))]


async def lines(conn: Executor, wanted: Wanted) -> AsyncIterator[list[Line]]:
    """The lines in the order in which they were written, some at a time; no transaction stays open in between."""
    values, last = (wanted.first, wanted.last, wanted.client_id, wanted.lane_id), 0
    while found := [Line(**dict(row)) for row in await conn.fetch(_LINES, *values, last, _LINES_AT_ONCE)]:
        yield found
        last = found[-1].id
