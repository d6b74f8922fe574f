"""One data directory, held by one run at a time.

The lock is the kernel's (flock): it ends with its holder, kill -9 included, so it can never be stale.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devstack.engines.state import State
from devstack.engines.watchdog import Watchdog
from devstack.errors import AlreadyRunning


@dataclass(frozen=True, slots=True)
class Home:
    """The directory, what it remembers, and who cleans up should we die."""

    path: Path
    state: State
    watchdog: Watchdog


@contextmanager
def take_home(path: Path) -> Iterator[Home]:
    """Make the directory if need be and hold it for the length of the block. Raises AlreadyRunning."""
    path = path.absolute()
    path.mkdir(parents=True, exist_ok=True)
    with _lock(path), Watchdog() as watchdog:
        yield Home(path, State(path / "state.json"), watchdog)


@contextmanager
def _lock(home: Path) -> Iterator[None]:
    # Close-on-exec, as all files that Python opens: the servers do not inherit the lock.
    with (home / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip()
            raise AlreadyRunning(home, f" (process {owner})" if owner else "") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
        file.truncate(0)
