"""The one protocol every storage speaks. Keys are relative, `/`-separated, made by `storage.keys` only.

StorageError
├── StorageFull
├── StorageDenied
├── ObjectMissing
└── InvalidKey
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

Keep = Callable[[str], Awaitable[bool]]
"""Asked for each unfinished upload by its key; True leaves it alone, however old it is."""


class StorageError(Exception):
    """Base: the storage did not do what was asked. Transient unless a subclass says otherwise; try again later."""


class StorageFull(StorageError):
    """No space or quota left."""


class StorageDenied(StorageError):
    """Permission or credential refused: a person must act, the object is not lost."""


class ObjectMissing(StorageError):
    """No object under that key."""


class InvalidKey(StorageError):
    """Not a key that `storage.keys` makes, so nothing can lie there."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What lies in storage. `size` in bytes; `sha256` is hex where the storage remembers it, else None."""

    key: str
    size: int
    content_type: str
    sha256: str | None
    modified_at: datetime


class Storage(Protocol):
    """Raises only StorageError and its subclasses (and CancelledError). Bound to the event loop that first uses it."""

    async def put_file(self, key: str, path: Path, content_type: str, sha256: str) -> StoredObject:
        """Publish a local file under `key`, whole or not at all; the same bytes again are fine.

        `sha256` is the file's, in hex. What is returned was read back from the storage afterwards. The file stays the
        caller's to remove, but its bytes must not change any more: a folder on the same disk may share them.
        """
        ...

    async def head(self, key: str) -> StoredObject | None:
        """What lies under `key`, or None."""
        ...

    def open(
        self, key: str, start: int = 0, end: int | None = None
    ) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Stream bytes [start, end), cut off at the object's end; ObjectMissing on entering where there is none.

        ValueError unless 0 <= start <= end.
        """
        ...

    async def delete(self, key: str) -> None:
        """Remove; no error where there is none."""
        ...

    def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        """Every object of ours whose key starts with `prefix`, in no order; `sha256` is None. Others' are not shown."""
        ...

    async def sweep(self, older_than: timedelta, keep: Keep | None = None) -> int:
        """Remove our own temporary names and unfinished multipart uploads older than that; returns how many."""
        ...

    async def signed_url(self, key: str, ttl: timedelta) -> str | None:
        """A link a browser opens without a header; None where the API serves the file itself (local folder)."""
        ...

    async def remember(self, name: str, text: str) -> None:
        """Keep a small text beside the videos, whole or not at all; `list` and `sweep` pass over it."""
        ...

    async def recall(self, name: str) -> str | None:
        """The text kept under that name, None where there is none."""
        ...

    async def check(self) -> None:
        """Prove that a write, a read and a delete work; raises with what to do where not."""
        ...

    async def close(self) -> None:
        """Give back connections and threads; calls still under way end first."""
        ...


def check_range(start: int, end: int | None) -> None:
    """ValueError unless [start, end) is a range of bytes."""
    if start < 0 or (end is not None and end < start):
        raise ValueError(f"not a range of bytes: [{start}, {end})")
