"""A lane's pace: how exactly its starts keep to their stamps, and what providers say about it."""

from datetime import timedelta
from uuid import UUID

from db.connection import Executor

_HOLD_BACK = """
UPDATE reelwork.lanes SET
  blocked_until = greatest(blocked_until, now() + $2::interval), blocked_reason = $3, updated_at = now()
WHERE id = $1
"""


def start_margin(rate_per_minute: int) -> timedelta:
    """How long after its stamp a start may leave.

    A rate is counted over a little more than its window (`db.claims`): 61 seconds for 60, above 600 a minute 6.2 for 6.
    Half of what is over is for the start, half for its way to the provider. Without a rate nothing is counted.
    """
    if rate_per_minute == 0:
        return timedelta(seconds=2)
    return timedelta(seconds=0.1) if rate_per_minute > 600 else timedelta(seconds=0.5)


async def hold_back(conn: Executor, lane_id: UUID, wait: timedelta, reason: str) -> None:
    """Start nothing on the lane until then; a longer wait that stands already is kept."""
    await conn.execute(_HOLD_BACK, lane_id, wait, reason)
