"""Holds this process back while the database is a restored dump that nobody has worked off yet."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from loguru import logger

from db import history, installation, retry
from db.connection import Pool
from db.tables import Installation
from storage.base import Storage, StorageError
from worker.lease import Incarnation

_EVERY_S = 5.0
_COMPARE_EVERY = 6
_PATIENCE_S = 5.0


class HistoryKeeper:
    """Moves the mark in the row and its copy in storage on; `on_restored` is called when the row turns out older."""

    def __init__(self, pool: Pool, storage: Storage, me: Incarnation, on_restored: Callable[[], None]) -> None:
        self._pool = pool
        self._storage = storage
        self._me = me
        self._on_restored = on_restored
        self._round = 0

    async def run(self, stop: asyncio.Event) -> None:
        """A look every five seconds until `stop`; storage is asked every half minute."""
        while not stop.is_set():
            await self.run_once()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _EVERY_S)

    async def run_once(self) -> bool:
        """One look; False where Postgres or storage did not answer, and nothing new is known."""
        compares = self._round % _COMPARE_EVERY == 0
        try:
            async with asyncio.timeout(_PATIENCE_S):
                self._tell(
                    await (history.keep(self._pool, self._storage) if compares else installation.read(self._pool))
                )
        except (*retry.UNAVAILABLE, *retry.CONTENDED, StorageError) as error:
            # The next look compares again: an unread copy must not count as one that agrees.
            self._round -= self._round % _COMPARE_EVERY
            logger.warning("the database was not compared with storage", action="history", error=type(error).__name__)
            return False
        self._round += 1
        return True

    def _tell(self, row: Installation) -> None:
        was, self._me.restored = self._me.restored, row.restored_at is not None
        if self._me.restored and not was:
            logger.error(history.advice(row), action="history")
            self._on_restored()
        elif was and not self._me.restored:
            logger.info("the restored database is worked off", action="history")
