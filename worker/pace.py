"""A lane's share of requests: its ceiling divided among the living workers, one request after the other."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from worker.clock import boottime

_LATENESS = 1.1
"""Turns are a little further apart than a ceiling asks: one that is taken late must not crowd the next."""


@dataclass
class Pace:
    """`requests_per_second` is the environment's ceiling, `ceilings` the lanes' own where they set one."""

    requests_per_second: float
    workers: int = 1
    ceilings: dict[UUID, int] = field(default_factory=dict)

    def gap_s(self, lane_id: UUID) -> float:
        """Seconds between two requests of this process on the lane; 0 where there is no ceiling."""
        limit = self.ceilings.get(lane_id, self.requests_per_second)
        return self.workers * _LATENESS / limit if limit else 0.0


class Turns:
    """Who asks next on one lane: each waits until the one before it is a gap ago."""

    def __init__(self, pace: Pace, lane_id: UUID) -> None:
        self._pace = pace
        self._lane_id = lane_id
        self._next = 0.0

    async def wait(self) -> None:
        turn = max(self._next, now := boottime())
        self._next = turn + self._pace.gap_s(self._lane_id)
        if turn > now:
            await asyncio.sleep(turn - now)
