"""Start-time fair queueing: where a client's next video stands in its lane, at its priority."""

from uuid import UUID

from db.connection import Executor

_STANDING = """
SELECT
  coalesce(
    (SELECT tag FROM reelwork.video_jobs
      WHERE lane_id = $1 AND priority = $2 AND state = 'queued' AND tag IS NOT NULL AND due_at <= now()
      ORDER BY tag LIMIT 1),
    (SELECT last_tag FROM reelwork.lane_turns WHERE lane_id = $1 AND priority = $2 ORDER BY started_at DESC LIMIT 1),
    0
  ) AS virtual_time,
  coalesce(
    (SELECT max(tag) FROM reelwork.video_jobs
      WHERE lane_id = $1 AND priority = $2 AND client_id = $3 AND state = 'queued'),
    (SELECT last_tag FROM reelwork.lane_turns WHERE lane_id = $1 AND priority = $2 AND client_id = $3),
    0
  ) AS last_own,
  (SELECT weight FROM reelwork.clients WHERE id = $3) AS weight
"""


async def next_tags(conn: Executor, lane_id: UUID, client_id: UUID, priority: int, count: int) -> list[float]:
    """Tags for `count` videos of a client that become due now, in order.

    max(V, L) + 1/weight: V is the smallest tag on the lane at that priority of what may start now, else that of the
    last started video; L the client's own largest queued there, else that of its last started one. So a newcomer stands
    beside those whose turn is next, however many another client has queued. A video that was put back and waits is no
    one's turn: counted in V, it would let newcomers pass everybody else until its wait is over.
    """
    row = await conn.fetchrow(_STANDING, lane_id, priority, client_id)
    if row is None:
        raise LookupError("the standing query always answers one row")
    base = max(row["virtual_time"], row["last_own"])
    return [base + (place + 1) / row["weight"] for place in range(count)]
