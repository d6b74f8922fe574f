"""What can go wrong locally, in words for the person at the terminal.

    DevstackError
    +-- AlreadyRunning     another run holds this REELWORK_HOME
    +-- EngineMissing      no server binary, or no user to run it as; names the variable to set instead
    +-- EngineFailed       a server did not start; carries the end of its log
    +-- StartFailed        a part of Reelwork itself did not come up, or PORT is taken

Entry points print the message without a traceback and exit 1.
"""

from __future__ import annotations

from pathlib import Path


class DevstackError(Exception):
    """Base of all local errors; the text is complete and needs no traceback."""


class AlreadyRunning(DevstackError):
    """Another process holds the lock of this data directory."""

    def __init__(self, home: Path, owner: str) -> None:
        super().__init__(
            f"{home} is in use by another run{owner}. Stop that one, or give this one its own REELWORK_HOME and PORT."
        )
        self.home = home


class EngineMissing(DevstackError):
    """A server cannot be run on this machine; the text says which variable replaces it."""


class EngineFailed(DevstackError):
    """A server exited, or was not ready in time."""

    def __init__(self, name: str, why: str, log_tail: str) -> None:
        super().__init__(f"{name} {why}\n{log_tail}".rstrip())
        self.log_tail = log_tail


class StartFailed(DevstackError):
    """A part of Reelwork did not come up."""
