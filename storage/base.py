"""The one protocol every storage speaks. Keys are relative, `/`-separated, made by `storage.keys` only."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol


class StorageError(Exception):
    """Base: the storage did not do what was asked. Transient unless a subclass says otherwise; try again later."""


class StorageFull(StorageError):
    """No space or quota left."""


class StorageDenied(StorageError):
    """Permission or credential refused: a person must act, the object is not lost."""


class ObjectMissing(StorageError):
    """No object under that key."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What lies in storage. `size` in bytes; `sha256` is hex where the storage remembers it, else None."""

    key: str
    size: int
    content_type: str
    sha256: str | None
    modified_at: datetime


class Storage(Protocol):
    """Raises only StorageError and its subclasses (and CancelledError)."""

    async def put_file(self, key: str, path: Path, content_type: str, sha256: str) -> StoredObject:
        """Publish a local file under `key`, whole or not at all; the same bytes again are fine."""
        ...

    async def head(self, key: str) -> StoredObject | None: ...

    def open(
        self, key: str, start: int = 0, end: int | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Stream bytes [start, end) ; ObjectMissing where there is none."""
        ...

    async def delete(self, key: str) -> None:
        """Remove; no error where there is none."""
        ...

    def list(self, prefix: str) -> AsyncIterator[StoredObject]: ...

    async def sweep(self, older_than: timedelta) -> int:
        """Remove our own temporary names and unfinished multipart uploads older than that; returns how many."""
        ...

    async def signed_url(self, key: str, ttl: timedelta) -> str | None:
        """A link a browser opens without a header; None where the API serves the file itself (local folder)."""
        ...

    async def check(self) -> None:
        """Prove that a write, a read and a delete work; raises with what to do where not."""
        ...

    async def close(self) -> None: ...
