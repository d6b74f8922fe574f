"""What is committed and what is left: sums over the ledger, under the one lock that makes them hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal
from uuid import UUID

from db.connection import Executor

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('reelwork.ledger'))"
_COMMITTED = "SELECT coalesce(sum(delta_micros), 0)::bigint FROM reelwork.ledger WHERE day = $1"
_ARE_LIMITED = """
SELECT EXISTS (
    SELECT 1 FROM reelwork.clients
    WHERE id = ANY ($1::uuid[]) AND num_nonnulls(budget_day_micros, budget_month_micros) > 0)
  OR EXISTS (
    SELECT 1 FROM reelwork.lanes
    WHERE id = ANY ($2::uuid[]) AND num_nonnulls(budget_day_micros, budget_month_micros) > 0)
"""
_STANDINGS = """
WITH budgets AS (
  SELECT 'installation' AS scope, NULL::uuid AS id, 'day' AS period, $2::bigint AS limit_micros
  UNION ALL
  SELECT 'client', c.id, p.period, p.limit_micros FROM reelwork.clients c
  CROSS JOIN LATERAL (VALUES ('day', budget_day_micros), ('month', budget_month_micros)) AS p (period, limit_micros)
  WHERE $3::uuid[] IS NULL OR c.id = ANY ($3)
  UNION ALL
  SELECT 'lane', l.id, p.period, p.limit_micros FROM reelwork.lanes l
  CROSS JOIN LATERAL (VALUES ('day', budget_day_micros), ('month', budget_month_micros)) AS p (period, limit_micros)
  WHERE $4::uuid[] IS NULL OR l.id = ANY ($4)
), spans AS (
  SELECT scope, id, period, limit_micros,
    CASE period WHEN 'day' THEN $1::date ELSE date_trunc('month', $1::date::timestamp)::date END AS first,
    CASE period WHEN 'day' THEN $1::date
      ELSE (date_trunc('month', $1::date::timestamp) + interval '1 month - 1 day')::date END AS last
  FROM budgets WHERE limit_micros IS NOT NULL
)
SELECT scope, id, period, limit_micros, coalesce(CASE scope
    WHEN 'client' THEN (
      SELECT sum(delta_micros) FROM reelwork.ledger WHERE client_id = spans.id AND day BETWEEN first AND last)
    WHEN 'lane' THEN (
      SELECT sum(delta_micros) FROM reelwork.ledger WHERE lane_id = spans.id AND day BETWEEN first AND last)
    ELSE (SELECT sum(delta_micros) FROM reelwork.ledger WHERE day BETWEEN first AND last)
  END, 0)::bigint AS committed_micros
FROM spans ORDER BY scope, id, period
"""


@dataclass(frozen=True, slots=True)
class Reserve:
    """What a video is to cost, whom, and on which UTC day; in millionths of a US dollar."""

    client_id: UUID
    lane_id: UUID
    day: date
    micros: int


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit and what is committed of it on (or in the month of) `day`. `id` is the client's or the lane's."""

    scope: Literal["installation", "client", "lane"]
    id: UUID | None
    period: Literal["day", "month"]
    day: date
    limit_micros: int
    committed_micros: int

    @property
    def left_micros(self) -> int:
        return max(self.limit_micros - self.committed_micros, 0)

    @property
    def is_nearly_spent(self) -> bool:
        """Whether four fifths are committed."""
        return self.committed_micros * 5 >= self.limit_micros * 4

    def with_reserves(self, reserves: Sequence[Reserve]) -> "Budget":
        """The budget once those of the reserves are committed that fall under it."""
        wanted = sum(one.micros for one in reserves if self._covers(one))
        return replace(self, committed_micros=self.committed_micros + wanted)

    def _covers(self, reserve: Reserve) -> bool:
        in_scope = self.id in (None, reserve.client_id if self.scope == "client" else reserve.lane_id)
        in_month = (self.day.year, self.day.month) == (reserve.day.year, reserve.day.month)
        return in_scope and (in_month if self.period == "month" else self.day == reserve.day)


@dataclass(eq=False)
class OverBudget(Exception):
    """A reserve that a budget does not allow, and how much that budget has left."""

    budget: Budget
    wanted_micros: int

    @property
    def left_micros(self) -> int:
        return self.budget.left_micros


def utc_day(moment: datetime | None = None) -> date:
    """The day a reserve belongs to: UTC, that of the moment the video is due."""
    return (moment or datetime.now(UTC)).astimezone(UTC).date()


async def committed(conn: Executor, day: date) -> int:
    """Micro-dollars reserved or settled for that UTC day."""
    total: int = await conn.fetchval(_COMMITTED, day)
    return total


async def standings(
    conn: Executor,
    day: date,
    limit_micros: int | None,
    client_ids: Sequence[UUID] | None = None,
    lane_ids: Sequence[UUID] | None = None,
) -> list[Budget]:
    """Every budget that is set, as it stands on that day: the installation's own (`limit_micros` a day, None: none),
    and those of these clients and lanes, or of all where None."""
    return [
        Budget(day=day, **dict(row)) for row in await conn.fetch(_STANDINGS, day, limit_micros, client_ids, lane_ids)
    ]


async def check_budgets(conn: Executor, reserves: Sequence[Reserve], limit_micros: int | None) -> list[Budget]:
    """Hold the ledger's lock to the end of the transaction and raise OverBudget where a budget cannot bear them.

    No limit, no lock. Call it inside the transaction that writes the reserves, after client, lane and job are locked.
    Returns the budgets that are nearly spent with these reserves and were not without them.
    """
    client_ids, lane_ids = sorted({one.client_id for one in reserves}), sorted({one.lane_id for one in reserves})
    if limit_micros is None and not await conn.fetchval(_ARE_LIMITED, client_ids, lane_ids):
        return []
    await conn.execute(_LOCK)
    nearly = []
    for day in sorted({one.day for one in reserves}):
        for budget in await standings(conn, day, limit_micros, client_ids, lane_ids):
            after = budget.with_reserves(reserves)
            wanted = after.committed_micros - budget.committed_micros
            if wanted and after.committed_micros > budget.limit_micros:
                raise OverBudget(budget, wanted)
            if after.is_nearly_spent and not budget.is_nearly_spent:
                nearly.append(after)
    return nearly
