"""Blocking file work of the local folder: a file appears under its final name whole and on disk, or not at all."""

import contextlib
import errno
import os
import re
import threading
from pathlib import Path
from uuid import uuid4

TEMPORARY = re.compile(r"[0-9a-f]{32}\.part")
"""Names that only `publish` and `probe` make; the sweeper touches nothing else."""

_COPY_BYTES = 1 << 20
_CANNOT_LINK = {errno.EXDEV, errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EMLINK, errno.ENOSYS}
_RENAME_TRIES = 20


class Abandoned(Exception):
    """Nobody waits for this file any more; nothing was published."""


def publish(source: Path, final: Path, incoming: Path, stop: threading.Event) -> int:
    """Put the bytes of `source` under `final` by way of a temporary name in `incoming`; returns how many.

    `incoming` and `final` lie on one file system. The bytes are shared (a hard link) where the disk allows it, else
    copied. Raises OSError, or Abandoned if `stop` was set before the final name appeared.
    """
    incoming.mkdir(parents=True, exist_ok=True)
    temporary = incoming / f"{uuid4().hex}.part"
    try:
        _materialise(source, temporary, stop)
        _sync(temporary)
        size = temporary.stat().st_size
        if stop.is_set():
            raise Abandoned
        _rename(temporary, final)
    finally:
        # Renaming a link onto another link of the same bytes does nothing and leaves the first name behind.
        temporary.unlink(missing_ok=True)
    for folder in (final.parent, final.parent.parent, final.parent.parent.parent):
        _sync_folder(folder)
    return size


def probe(incoming: Path) -> bool:
    """Write, read and remove a small file; whether the bytes came back. Raises OSError."""
    incoming.mkdir(parents=True, exist_ok=True)
    name = uuid4().hex
    temporary = incoming / f"{name}.part"
    try:
        temporary.write_text(name)
        _sync(temporary)
        return temporary.read_text() == name
    finally:
        temporary.unlink(missing_ok=True)


def write_text(final: Path, incoming: Path, text: str) -> None:
    """Put a small text under `final`, in place of an older one. Raises OSError."""
    incoming.mkdir(parents=True, exist_ok=True)
    temporary = incoming / f"{uuid4().hex}.part"
    try:
        temporary.write_text(text)
        _sync(temporary)
        _rename(temporary, final)
    finally:
        temporary.unlink(missing_ok=True)


def remove(final: Path) -> None:
    """Remove a published file, and its attempt's and job's folders once they are empty. Raises OSError."""
    final.unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        final.parent.rmdir()
        final.parent.parent.rmdir()


def sweep(incoming: Path, before: float) -> int:
    """Remove temporary files last touched before that time (seconds since the epoch); returns how many."""
    removed = 0
    with contextlib.suppress(FileNotFoundError), os.scandir(incoming) as entries:
        for entry in entries:
            if TEMPORARY.fullmatch(entry.name) and _touched_at(entry) < before:
                Path(entry.path).unlink(missing_ok=True)
                removed += 1
    return removed


def _touched_at(entry: os.DirEntry[str]) -> float:
    # A link keeps its source's mtime, which may be old; making the link sets the ctime.
    with contextlib.suppress(FileNotFoundError):
        status = entry.stat(follow_symlinks=False)
        return max(status.st_mtime, status.st_ctime)
    return float("inf")


def _materialise(source: Path, temporary: Path, stop: threading.Event) -> None:
    try:
        os.link(source, temporary)
    except OSError as error:
        if error.errno not in _CANNOT_LINK:
            raise
        _copy(source, temporary, stop)
    else:
        # The download may be private to the worker; the folder's own mode says who may read the storage.
        with contextlib.suppress(PermissionError):
            temporary.chmod(temporary.parent.stat().st_mode & 0o666)


def _copy(source: Path, temporary: Path, stop: threading.Event) -> None:
    buffer = memoryview(bytearray(_COPY_BYTES))
    with source.open("rb", buffering=0) as reader, temporary.open("xb", buffering=0) as writer:
        while count := reader.readinto(buffer):
            if stop.is_set():
                raise Abandoned
            _write_all(writer.fileno(), buffer[:count])
        if os.fstat(reader.fileno()).st_size != os.fstat(writer.fileno()).st_size:
            raise OSError(errno.EIO, "the file changed while it was copied")


def _write_all(descriptor: int, chunk: memoryview) -> None:
    while chunk:
        chunk = chunk[os.write(descriptor, chunk) :]


def _rename(temporary: Path, final: Path) -> None:
    for attempt in range(_RENAME_TRIES):
        try:
            final.parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(final)
        except (FileNotFoundError, FileExistsError):
            # A delete beside us may just have removed the empty folder, or one of them while we were making it.
            if attempt == _RENAME_TRIES - 1 or not temporary.exists():
                raise
        else:
            return


def _sync_folder(folder: Path) -> None:
    try:
        _sync(folder)
    except OSError as error:
        # Some network file systems cannot sync a folder; they have the name already.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
