"""Tells the operator of a storage that does not work, from the start of the API until it does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from loguru import logger

from storage.base import Storage, StorageDenied, StorageError, StorageFull
from storage.proving import prove


@asynccontextmanager
async def watched(storage: Storage) -> AsyncIterator[None]:
    """Inside the block; the API serves all the same, and accepts videos."""
    proving = asyncio.create_task(prove(storage, _tell), name="storage")
    try:
        yield
    finally:
        proving.cancel()
        await asyncio.gather(proving, return_exceptions=True)


def _tell(error: StorageError) -> None:
    log = logger.bind(action="start", reason=str(error))
    if isinstance(error, StorageDenied | StorageFull):
        log.error("STORAGE_URL does not work: stored videos cannot be shown")
    else:
        log.warning("the storage is away: stored videos cannot be shown")
