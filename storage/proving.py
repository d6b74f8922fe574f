"""Waiting for a storage that works: a misconfiguration is told until it is mended, an outage until it is over."""

import asyncio
from collections.abc import Callable

from storage.base import Storage, StorageError

_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 60.0
_PATIENCE_S = 30.0


async def prove(storage: Storage, told: Callable[[StorageError], None]) -> None:
    """Return once a write, a read and a delete have worked; every failure before that goes to `told`, whose class says
    whether a person must act."""
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await storage.check()
            return
        except TimeoutError:
            told(StorageError("it did not answer in time"))
        except StorageError as error:
            told(error)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
