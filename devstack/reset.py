"""`make reset`: removes what local runs have made, engines' files in other places too."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from devstack.engines import elsewhere, take_home
from devstack.environ import ROOT, home_directory, local_environment
from devstack.errors import AlreadyRunning


def reset(home: Path) -> bool:
    """Remove `home` and the engines' files that belong to it; whether there was any. Raises AlreadyRunning."""
    if not home.exists():
        return False
    if not any((home / made).exists() for made in ("state.json", "admin_key", "lock")):
        raise ValueError(f"{home} was not made by `make run`: remove it by hand if you want to")
    with take_home(home):
        shutil.rmtree(elsewhere(home), ignore_errors=True)
        shutil.rmtree(home)
    return True


def main() -> int:
    """Remove the directory of REELWORK_HOME, or `.reelwork` here; the exit code."""
    home = home_directory(local_environment(ROOT), ROOT)
    try:
        print(f"{home} is removed" if reset(home) else f"{home} is not there")
    except (AlreadyRunning, ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
