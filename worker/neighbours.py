"""How many workers share the lanes' ceilings: looked up now and then, so that all together keep within them."""

import asyncio
from contextlib import suppress
from datetime import timedelta

from db import retry, workers
from db.connection import Pool
from worker.pace import Pace
from worker.rounds import rounds

_EVERY_S = 5.0


class Neighbours:
    """Keeps `pace.workers` at the number of living workers."""

    def __init__(self, pool: Pool, lease: timedelta, pace: Pace) -> None:
        self._pool = pool
        self._lease = lease
        self._pace = pace

    async def run(self, stop: asyncio.Event) -> None:
        """Count every five seconds until `stop`."""
        await rounds(self.run_once, lambda: _EVERY_S, stop)

    async def run_once(self) -> None:
        """Count once; the last number stands where Postgres is away."""
        with suppress(*retry.UNAVAILABLE, *retry.CONTENDED):
            self._pace.workers = max(await workers.living(self._pool, self._lease), 1)
