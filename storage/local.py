"""Videos in a local folder, kept as plain files that a person can open."""

import asyncio
import errno
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Event
from typing import TypeVar

from storage import folder_publish
from storage.base import Keep, ObjectMissing, StorageDenied, StorageError, StorageFull, StoredObject, check_range
from storage.folder_read import FileReader, describe, walk
from storage.keys import note_name, parse

INCOMING = ".incoming"
"""Where files lie under their temporary names, inside the folder, so that publishing is a rename."""

_THREADS = 4
_LIST_BATCH = 500
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}

T = TypeVar("T")


class LocalStorage:
    """The storage of `file:///…`. Blocking work runs in at most four threads of its own, started when first needed.

    `sha256` is never remembered. Several processes and hosts may share one folder, as long as its file system renames
    atomically. `now` is the clock that `sweep` compares file times with, in seconds since the epoch.
    """

    def __init__(self, root: Path, *, now: Callable[[], float] = time.time) -> None:
        self._root = root
        self._incoming = root / INCOMING
        self._now = now
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="storage")

    async def put_file(self, key: str, path: Path, content_type: str, sha256: str) -> StoredObject:
        final = self._path(key)
        stop = Event()
        try:
            size = await self._run(folder_publish.publish, path, final, self._incoming, stop)
        except asyncio.CancelledError:
            # The thread goes on by itself: it is told to publish nothing, and removes its temporary file.
            stop.set()
            raise
        except ObjectMissing as error:
            raise StorageError(f"the file to store or the folder vanished while {key} was stored") from error
        stored = await self._run(describe, self._root, key)
        if stored.size != size:
            raise StorageError(f"{key} has {stored.size} bytes in storage, {size} were put")
        return stored

    async def head(self, key: str) -> StoredObject | None:
        parse(key)
        try:
            return await self._run(describe, self._root, key)
        except ObjectMissing:
            return None

    @asynccontextmanager
    async def open(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
        check_range(start, end)
        reader = await self._run(FileReader, self._path(key), start, end)
        try:
            yield self._chunks(reader)
        finally:
            reader.close()

    async def delete(self, key: str) -> None:
        await self._run(folder_publish.remove, self._path(key))

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        found = walk(self._root, prefix)
        while batch := await self._run(_take, found):
            for stored in batch:
                yield stored

    async def sweep(self, older_than: timedelta, keep: Keep | None = None) -> int:
        # A temporary name tells no key: it is one process's, never resumed, and so nobody's to keep.
        return await self._run(folder_publish.sweep, self._incoming, self._now() - older_than.total_seconds())

    async def signed_url(self, key: str, ttl: timedelta) -> str | None:
        parse(key)
        return None

    async def remember(self, name: str, text: str) -> None:
        await self._run(folder_publish.write_text, self._root / note_name(name), self._incoming, text)

    async def recall(self, name: str) -> str | None:
        try:
            return await self._run((self._root / note_name(name)).read_text)
        except ObjectMissing:
            return None

    async def check(self) -> None:
        advice = f"give this process's user write access to {self._root}, or set STORAGE_URL to another folder"
        try:
            came_back = await self._run(folder_publish.probe, self._incoming)
        except StorageFull as error:
            raise StorageFull(f"no space left under {self._root}: free some, or set STORAGE_URL elsewhere") from error
        except StorageError as error:
            raise type(error)(f"{error}: {advice}") from error
        if not came_back:
            raise StorageError(f"a file written under {self._root} read back differently: {advice}")

    async def close(self) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self._threads.shutdown)

    def _path(self, key: str) -> Path:
        parse(key)
        return self._root / key

    async def _chunks(self, reader: FileReader) -> AsyncIterator[bytes]:
        while chunk := await self._run(reader.read):
            yield chunk

    async def _run(self, work: Callable[..., T], *arguments: object) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, partial(work, *arguments))
        except OSError as error:
            raise _storage_error(error) from error


def _take(found: Iterator[StoredObject]) -> list[StoredObject]:
    return list(islice(found, _LIST_BATCH))


def _storage_error(error: OSError) -> StorageError:
    said = error.strerror or type(error).__name__
    if error.errno == errno.ENOENT:
        return ObjectMissing(said)
    if error.errno in _FULL:
        return StorageFull(said)
    if error.errno in _DENIED:
        return StorageDenied(said)
    return StorageError(said)
