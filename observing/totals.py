"""Brings what a process counts to the installation's totals in Postgres, and samples what has to be looked at.

Totals outlive the processes that counted, and any process can show them: which one of several is asked does not matter.
One statement every few seconds a process; what it counted in between is lost only with a kill.
"""

import asyncio
import time
from contextlib import suppress
from typing import Any

from loguru import logger

from db import meters, retry
from db.connection import Pool
from observing.meters import Meters

_SAMPLE_S = 1.0
_WRITE_EVERY = 5


class Totals:
    """The loop of one process, `role` is web or worker."""

    def __init__(self, pool: Pool, counted: Meters, role: str) -> None:
        self._pool = pool
        self._meters = counted
        self._role = role

    async def run(self, stop: asyncio.Event) -> None:
        """Sample once a second and write every fifth time, until `stop`; then write once more."""
        for turn in range(1, 2**62):
            await self._sample(stop)
            if stop.is_set():
                break
            if turn % _WRITE_EVERY == 0:
                await self.write()

    async def write(self) -> None:
        """Add what was counted to the totals; while Postgres is away it is kept for the next time."""
        grown = self._meters.take()
        if not grown:
            return
        try:
            await retry.contended(lambda: meters.add(self._pool, grown))
        except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
            self._meters.give_back(grown)
            logger.debug("figures could not be written", action="metrics", error=type(error).__name__)
        except asyncio.CancelledError:
            self._meters.give_back(grown)
            raise

    async def _sample(self, stop: asyncio.Event) -> None:
        asked_at = time.monotonic()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _SAMPLE_S)
            return
        late_s = time.monotonic() - asked_at - _SAMPLE_S
        self._meters.observe("reelwork_event_loop_lag_seconds", max(late_s, 0.0), process=self._role)
        self._meters.observe("reelwork_db_pool_used_ratio", _used(self._pool), process=self._role)


def _used(pool: Any) -> float:
    return float(pool.get_size() - pool.get_idle_size()) / float(pool.get_max_size())
