"""What is committed and what is left: sums over the ledger, under the one lock that makes them hold."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from db.connection import Executor

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('reelwork.ledger'))"
_COMMITTED = "SELECT coalesce(sum(delta_micros), 0)::bigint FROM reelwork.ledger WHERE day = $1"


@dataclass(eq=False)
class OverBudget(Exception):
    """A reserve that the day's budget does not allow; amounts in millionths of a US dollar."""

    wanted_micros: int
    left_micros: int
    day: date


def utc_day(moment: datetime | None = None) -> date:
    """The day a reserve belongs to: UTC, that of the moment the video is due."""
    return (moment or datetime.now(UTC)).astimezone(UTC).date()


async def committed(conn: Executor, day: date) -> int:
    """Micro-dollars reserved or settled for that UTC day."""
    total: int = await conn.fetchval(_COMMITTED, day)
    return total


async def check_budget(conn: Executor, wanted_micros: int, day: date, limit_micros: int | None) -> None:
    """Hold the ledger's lock to the end of the transaction and raise OverBudget where the day cannot bear the amount.

    No limit, no lock. Call it inside the transaction that writes the reserve, after client, lane and job are locked.
    """
    if limit_micros is None:
        return
    await conn.execute(_LOCK)
    left = limit_micros - await committed(conn, day)
    if wanted_micros > left:
        raise OverBudget(wanted_micros=wanted_micros, left_micros=max(left, 0), day=day)
