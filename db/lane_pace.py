"""What providers say about a lane's pace, seen by all processes at their next claim."""

from datetime import timedelta
from uuid import UUID

from db.connection import Executor

_HOLD_BACK = """
UPDATE reelwork.lanes SET
  blocked_until = greatest(blocked_until, now() + $2::interval), blocked_reason = $3, updated_at = now()
WHERE id = $1
"""


async def hold_back(conn: Executor, lane_id: UUID, wait: timedelta, reason: str) -> None:
    """Start nothing on the lane until then; a longer wait that stands already is kept."""
    await conn.execute(_HOLD_BACK, lane_id, wait, reason)
