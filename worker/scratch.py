"""The folder in which results lie while they are transferred.

Each transfer has a folder of its own there and holds its lock, which the kernel drops when the process dies, however it
dies. So whatever is not locked was left by a dead process, and any worker of that machine may remove it.
"""

import asyncio
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from loguru import logger

_NAME = "rw-transfer-"
_EVERY_S = 10.0
_YOUNG_S = 10.0
"""Seconds between the making of a folder and the moment when it is certainly locked."""


class Scratch:
    """WORK_DIR. A frozen process keeps its folders; a killed one's are gone within seconds."""

    def __init__(self, work_dir: Path) -> None:
        self._work_dir = work_dir

    @asynccontextmanager
    async def folder(self) -> AsyncIterator[Path]:
        """A folder for one transfer, gone at the end of the block. Raises OSError."""
        making = asyncio.ensure_future(asyncio.to_thread(self._make))
        try:
            folder, _ = await asyncio.shield(making)
            yield folder
        finally:
            await asyncio.to_thread(_remove, *await making)

    async def run(self, stop: asyncio.Event) -> None:
        """Remove what dead processes left, until `stop`."""
        while not stop.is_set():
            await self.run_once()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _EVERY_S)

    async def run_once(self) -> int:
        """One look; returns how many folders were removed. A folder that cannot be read is looked at again later."""
        try:
            removed = await asyncio.to_thread(self._sweep)
        except OSError as error:
            logger.warning("leftover transfers could not be removed", action="sweep", error=type(error).__name__)
            return 0
        if removed:
            logger.info("leftover transfers removed", action="sweep", count=removed)
        return removed

    def _make(self) -> tuple[Path, int]:
        self._work_dir.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=_NAME, dir=self._work_dir))
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        return folder, lock

    def _sweep(self) -> int:
        return sum(_remove_if_left(folder) for folder in self._work_dir.glob(f"{_NAME}*"))


def _remove_if_left(folder: Path) -> bool:
    try:
        lock = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        if time.time() - os.fstat(lock).st_mtime < _YOUNG_S:
            return False
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        shutil.rmtree(folder, ignore_errors=True)
        return True
    finally:
        os.close(lock)


def _remove(folder: Path, lock: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(lock)
