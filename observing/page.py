"""The page at /metrics: the installation's totals, and how things stand at this moment."""

from dataclasses import dataclass
from datetime import timedelta

from db import figures, ledger, meters
from db.connection import Pool
from db.figures import Standing
from db.queue_figures import StallPolicy
from observing.exposition import text
from observing.meters import series

_MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """The environment's limits that figures are judged by. `budget_micros` None: a day may cost anything."""

    lease: timedelta
    stall: StallPolicy
    budget_micros: int | None


async def page(pool: Pool, limits: Limits) -> str:
    """Everything in Prometheus's text format."""
    values = await meters.totals(pool)
    values |= _of(await figures.standings(pool, limits.lease, limits.stall.generation_timeout))
    values["reelwork_spend_today_usd"] = await ledger.committed(pool, ledger.utc_day()) / _MICROS
    if limits.budget_micros is not None:
        values["reelwork_budget_usd"] = limits.budget_micros / _MICROS
    return text(values)


def _of(standings: list[Standing]) -> dict[str, float]:
    values = {}
    for one in standings:
        labels = {"lane": one.lane, "kind": one.kind, "stage": one.stage}
        values[series(one.name, {name: value for name, value in labels.items() if value})] = one.value
    return values
