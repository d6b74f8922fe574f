"""How long videos take to be made: a histogram for each kind, server, model and length, the newest counting most."""

from collections.abc import Mapping
from typing import NamedTuple

from db.connection import Executor

_WEIGHT_MOST = 400.0

# What came in is laid on what stands, and the whole is scaled down to the most it may weigh: so the old fades.
_ADD = """
WITH came AS (
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::double precision[])
    AS c (kind, server, model, length, bucket, weight)
), laid AS (
  SELECT kind, server, model, length, bucket, sum(weight) AS weight FROM (
    SELECT * FROM came
    UNION ALL
    SELECT g.kind, g.server, g.model, g.length, g.bucket, g.weight FROM reelwork.generation_times g
    JOIN (SELECT DISTINCT kind, server, model, length FROM came) t USING (kind, server, model, length)
  ) parts GROUP BY kind, server, model, length, bucket
), scaled AS (
  SELECT *, least(1, $7 / sum(weight) OVER (PARTITION BY kind, server, model, length)) AS scale FROM laid
)
INSERT INTO reelwork.generation_times AS g (kind, server, model, length, bucket, weight)
SELECT kind, server, model, length, bucket, weight * scale FROM scaled
ORDER BY kind, server, model, length, bucket
ON CONFLICT (kind, server, model, length, bucket) DO UPDATE SET weight = excluded.weight
"""

_ALL = "SELECT kind, server, model, length, bucket, weight FROM reelwork.generation_times"


class Sort(NamedTuple):
    """Videos that take about the same time. `server` and `length` are empty where there is none."""

    kind: str
    server: str
    model: str
    length: str


async def add(conn: Executor, counts: Mapping[Sort, Mapping[int, float]]) -> None:
    """Lay newly seen times on those that stand: how many fell into which bucket."""
    rows = [(*sort, bucket, weight) for sort, buckets in counts.items() for bucket, weight in buckets.items()]
    await conn.execute(_ADD, *(list(column) for column in zip(*rows, strict=True)), _WEIGHT_MOST)


async def every(conn: Executor) -> dict[Sort, dict[int, float]]:
    """All histograms."""
    found: dict[Sort, dict[int, float]] = {}
    for row in await conn.fetch(_ALL):
        sort = Sort(row["kind"], row["server"], row["model"], row["length"])
        found.setdefault(sort, {})[row["bucket"]] = row["weight"]
    return found
