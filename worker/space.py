"""Whether the folder of transfers can hold what may lie there at once; looked at when the worker starts."""

import shutil
from pathlib import Path

from loguru import logger

_MOUNTS = Path("/proc/self/mounts")
_MEMORY = {"tmpfs", "ramfs"}


def look_at_space(work_dir: Path, needed_bytes: int, mounts: Path = _MOUNTS) -> None:
    """Say what is wrong with WORK_DIR. A download that finds it full waits and is begun anew, so this ends nothing."""
    log = logger.bind(action="start", path=str(work_dir))
    there = next(folder for folder in (work_dir.resolve(), *work_dir.resolve().parents) if folder.exists())
    free_bytes = shutil.disk_usage(there).free
    if free_bytes < needed_bytes:
        log.bind(bytes=free_bytes, needed=needed_bytes).warning(
            "WORK_DIR has less room than TRANSFER_CONCURRENCY x MAX_VIDEO_BYTES: large downloads may have to wait"
        )
    if _kind_of(there, mounts) in _MEMORY:
        log.warning("WORK_DIR lies in memory: what is transferred counts as this machine's memory")


def _kind_of(folder: Path, mounts: Path) -> str | None:
    """The kind of file system, None where the system does not say."""
    try:
        lines = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:
        return None
    above = [(line[1], line[2]) for line in lines if len(line) > 2 and folder.is_relative_to(line[1])]
    return max(above, key=lambda mount: len(mount[0]), default=(None, None))[1]
