"""What one data directory remembers between runs, and the lock that lets one run at a time have it.

The lock is the kernel's (flock): it ends with its holder, kill -9 included, so it can never be stale.
"""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from devstack.errors import AlreadyRunning


class HomeLock:
    """Context manager: the exclusive hold on one data directory. Raises AlreadyRunning if it is taken."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        # Close-on-exec, as all files Python opens: the servers do not inherit the lock.
        self._file = (self._home / "lock").open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            owner = self._file.read().strip()
            self._file.close()
            raise AlreadyRunning(self._home, f" (process {owner})" if owner else "") from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.truncate(0)
            self._file.close()


class State:
    """A small JSON file, mode 0600, replaced as a whole at each change."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}

    def get_int(self, name: str) -> int | None:
        """The whole number saved under `name`, if there is one."""
        value = self._values.get(name)
        return value if isinstance(value, int) else None

    def get_str(self, name: str) -> str | None:
        """The text saved under `name`, if there is one."""
        value = self._values.get(name)
        return value if isinstance(value, str) else None

    def get_pids(self, name: str) -> dict[int, str]:
        """Process ids saved under `name`, each with a text its command line contains."""
        value = self._values.get(name)
        return {int(pid): str(marker) for pid, marker in value.items()} if isinstance(value, dict) else {}

    def save(self, changes: Mapping[str, int | str | dict[int, str]]) -> None:
        """Write `changes` through to the disk."""
        self._values.update(changes)
        handle, temporary = tempfile.mkstemp(dir=self._path.parent, prefix=".state-")  # mkstemp makes it 0600
        with os.fdopen(handle, "w") as file:
            json.dump(self._values, file)
        Path(temporary).replace(self._path)
