"""Totals of what all processes have counted, by series. Increments are added up here, so that none is lost with the
process that made it, and a caller need not know how many processes there are."""

from collections.abc import Mapping

from db.connection import Executor

_ADD = """
INSERT INTO reelwork.meters AS m (series, value)
SELECT series, value FROM unnest($1::text[], $2::float8[]) AS grown (series, value) ORDER BY series
ON CONFLICT (series) DO UPDATE SET value = m.value + excluded.value, grown_at = now()
"""

_TOTALS = "SELECT series, value FROM reelwork.meters"


async def add(conn: Executor, grown: Mapping[str, float]) -> None:
    """Let every series grow by its amount, in the order of their names."""
    await conn.execute(_ADD, list(grown), list(grown.values()))


async def totals(conn: Executor) -> dict[str, float]:
    """Every series with its total."""
    return {row["series"]: row["value"] for row in await conn.fetch(_TOTALS)}
