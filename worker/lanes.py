"""What a worker tells of a lane: that its provider asked us to wait."""

from datetime import timedelta
from uuid import UUID

from loguru import logger

from db import lane_pace, retry
from db.connection import Pool


async def hold_back(pool: Pool, lane_id: UUID, seconds: float, reason: str) -> None:
    """Let no process start anything on the lane for that long; a hint, so that a database in trouble is no obstacle."""
    try:
        await lane_pace.hold_back(pool, lane_id, timedelta(seconds=seconds), reason)
    except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
        logger.warning("lane not held back", lane=str(lane_id), error=type(error).__name__)
