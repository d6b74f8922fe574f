"""What a worker looks at when it starts: whether it can store what it would pay for, and room for transfers."""

import asyncio
import shutil
import sys
from pathlib import Path

from loguru import logger

from storage.base import Storage, StorageDenied, StorageError, StorageFull
from storage.proving import prove
from worker.claimer import Claimer
from worker.policies import Policies

_MEMORY = ("tmpfs", "ramfs")


class Readiness:
    """Lets nothing new start until the storage has worked once; what is paid for already goes on all the while."""

    def __init__(self, storage: Storage, policies: Policies, claimer: Claimer) -> None:
        self._storage = storage
        self._policies = policies
        self._claimer = claimer

    async def run(self, stop: asyncio.Event) -> None:
        """Look once, and again at the storage until it works."""
        warning = await asyncio.to_thread(room_warning, self._policies)
        if warning is not None:
            logger.warning(warning, action="start")
        await prove(self._storage, _tell)
        self._claimer.can_store = True
        logger.info("the storage works", action="start")


def _tell(error: StorageError) -> None:
    log = logger.bind(action="start", reason=str(error))
    if isinstance(error, StorageDenied | StorageFull):
        log.error("STORAGE_URL does not work: no new video starts until it is mended")
    else:
        log.warning("the storage is away: no new video starts until it is back")


def room_warning(policies: Policies) -> str | None:
    """What is wrong with WORK_DIR's room for as many of the largest transfers as may run at once; None if nothing."""
    needed = policies.transfer_concurrency * policies.max_video_bytes
    try:
        policies.work_dir.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(policies.work_dir).free
    except OSError as error:
        return f"WORK_DIR cannot be used: {error.strerror}. Transfers wait until it can"
    in_memory = is_memory(policies.work_dir)
    if free >= needed and not in_memory:
        return None
    place = "WORK_DIR is in memory (tmpfs), which transfers will fill: " if in_memory else "WORK_DIR is small: "
    return (
        f"{place}{free} bytes are free, {needed} may be wanted (TRANSFER_CONCURRENCY x MAX_VIDEO_BYTES). Transfers "
        "that find no room wait; set WORK_DIR to a larger disk, or lower one of the two"
    )


def is_memory(path: Path, mounts: Path = Path("/proc/self/mounts")) -> bool:
    """Whether the folder lies on a file system that is kept in memory, where the system tells."""
    if sys.platform != "linux" or not mounts.exists():
        return False
    inside = path.resolve()
    kinds = {Path(point): kind for _, point, kind, *_ in (line.split() for line in mounts.read_text().splitlines())}
    nearest = next((folder for folder in (inside, *inside.parents) if folder in kinds), None)
    return nearest is not None and kinds[nearest] in _MEMORY
