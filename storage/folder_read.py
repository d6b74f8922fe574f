"""Blocking reads of the local folder: one open file at a time, and the objects that lie under a prefix."""

import os
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from storage.base import StoredObject
from storage.keys import is_key, parse

CHUNK_BYTES = 256 * 1024

_JOB_FIRST = re.compile(r"([0-9a-f-]{36})/.*", re.DOTALL)


class FileReader:
    """Bytes [start, end) of one file, read in pieces from any thread. Raises OSError.

    Closing never blocks: where a read is under way in a thread that nobody waits for any more, that read closes the
    file when it ends.
    """

    def __init__(self, path: Path, start: int, end: int | None) -> None:
        self._descriptor: int | None = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self._lock = threading.Lock()
        self._is_closing = False
        self._position = start
        self._end = end

    def read(self) -> bytes:
        """The next piece, at most CHUNK_BYTES; empty at the end."""
        with self._lock:
            chunk = b"" if self._descriptor is None else os.pread(self._descriptor, self._wanted(), self._position)
            self._position += len(chunk)
        if self._is_closing:
            self.close()
        return chunk

    def close(self) -> None:
        self._is_closing = True
        if self._lock.acquire(blocking=False):
            try:
                self._close_now()
            finally:
                self._lock.release()

    def _wanted(self) -> int:
        return CHUNK_BYTES if self._end is None else min(CHUNK_BYTES, self._end - self._position)

    def _close_now(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def describe(root: Path, key: str) -> StoredObject:
    """What lies under `key`. The folder keeps no hash; the type follows from the name. Raises OSError."""
    status = (root / key).stat()
    modified_at = datetime.fromtimestamp(status.st_mtime, UTC)
    return StoredObject(key, status.st_size, parse(key).content_type, None, modified_at)


def walk(root: Path, prefix: str) -> Iterator[StoredObject]:
    """Every object of ours under `root` whose key starts with `prefix`; a file removed meanwhile is left out."""
    for key in _keys(root, prefix):
        try:
            yield describe(root, key)
        except FileNotFoundError:
            continue


def _keys(root: Path, prefix: str) -> Iterator[str]:
    one_job = _JOB_FIRST.fullmatch(prefix)
    jobs = [one_job[1]] if one_job else _names(root)
    for job in jobs:
        for attempt in _names(root / job):
            for name in _names(root / job / attempt):
                key = f"{job}/{attempt}/{name}"
                if key.startswith(prefix) and is_key(key):
                    yield key


def _names(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
