"""An API process looks, too, whether its database is a restored dump: at start and every minute."""

import asyncio

from loguru import logger

from db import history
from db.connection import Pool
from db.retry import CONTENDED, UNAVAILABLE
from storage.base import Storage, StorageError

_EVERY_S = 60.0
_AGAIN_S = 5.0
_PATIENCE_S = 5.0


async def watch(pool: Pool, storage: Storage) -> None:
    """Compare again and again until cancelled; what is found stands in the row and stops every process."""
    told = False
    while True:
        pause_s = _EVERY_S
        try:
            async with asyncio.timeout(_PATIENCE_S):
                row = await history.keep(pool, storage)
        except (*UNAVAILABLE, *CONTENDED, StorageError, LookupError) as error:
            logger.debug("the database was not compared with storage", action="history", error=type(error).__name__)
            pause_s = _AGAIN_S
        else:
            if row.restored_at is not None and not told:
                logger.error(history.advice(row), action="history")
            told = row.restored_at is not None
        await asyncio.sleep(pause_s)
