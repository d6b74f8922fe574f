"""Which user the servers run as. PostgreSQL refuses root, so root hands both servers to somebody else.

No user is created and no directory of anybody else changes its mode.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from devstack.errors import EngineMissing


@dataclass(frozen=True, slots=True)
class Identity:
    """The user and group that servers are started with; both None for "as we are"."""

    uid: int | None = None
    gid: int | None = None

    @property
    def extra_groups(self) -> Sequence[int] | None:
        """No supplementary groups when root steps down; untouched otherwise."""
        return None if self.uid is None else ()

    def can_enter(self, directory: Path) -> bool:
        """Whether this user can use paths below `directory`."""
        return self._test("-x", directory)

    def can_run(self, program: Path) -> bool:
        """Whether this user can execute `program`."""
        return self._test("-x", program)

    def own(self, path: Path) -> None:
        """Give `path` to this user."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def _test(self, flag: str, path: Path) -> bool:
        if self.uid is None:
            return os.access(path, os.X_OK)
        try:
            done = subprocess.run(
                ["test", flag, str(path)],
                user=self.uid,
                group=self.gid,
                extra_groups=self.extra_groups,
                cwd="/",
                check=False,
            )
        except PermissionError as error:
            raise EngineMissing(
                "This root user may not start a process as another user, and PostgreSQL refuses to run as root: "
                "set DATABASE_URL and REDIS_URL, or start as an ordinary user."
            ) from error
        return done.returncode == 0


def choose_identity(home: Path, data: Path) -> Identity:
    """The user for the servers of `home`, whose files lie in `data` if an earlier run made them.

    Raises EngineMissing where only root exists, or the files belong to somebody else.
    """
    if os.geteuid() != 0:
        _refuse_foreign_files(data)
        return Identity()
    for uid, gid in _candidates(home, data):
        if uid != 0:
            return Identity(uid, gid)
    raise EngineMissing(
        "PostgreSQL refuses to run as root and there is no other user on this system: set DATABASE_URL and REDIS_URL."
    )


def _candidates(home: Path, data: Path) -> Iterator[tuple[int, int]]:
    if data.exists():
        owner = data.stat()
        yield owner.st_uid, owner.st_gid
    if (sudo_uid := os.environ.get("SUDO_UID", "")).isdigit():
        with suppress(KeyError):
            yield int(sudo_uid), pwd.getpwuid(int(sudo_uid)).pw_gid
    above = home.parent.stat()
    with suppress(KeyError):
        yield above.st_uid, pwd.getpwuid(above.st_uid).pw_gid
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            yield entry.pw_uid, entry.pw_gid


def _refuse_foreign_files(data: Path) -> None:
    if data.exists() and data.stat().st_uid != os.geteuid():
        raise EngineMissing(
            f"{data} belongs to another user. Run as that user, remove it with `make reset` as that user, "
            "or set REELWORK_HOME to another directory."
        )
