"""Runs one command with DATABASE_URL and REDIS_URL set: to those of the environment, else to the local engines.

python -m devstack.with_engines python -m db.migrate
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from devstack.engines import open_engines
from devstack.environ import ROOT, home_directory, local_environment
from devstack.errors import DevstackError


def main(command: Sequence[str]) -> int:
    """Run `command`; its exit code."""
    environment = local_environment(ROOT)
    home = home_directory(environment, ROOT)
    urls = environment.get("DATABASE_URL"), environment.get("REDIS_URL")
    try:
        with open_engines(home, database_url=urls[0], redis_url=urls[1]) as running:
            environment |= {"DATABASE_URL": running.database_url, "REDIS_URL": running.redis_url}
            return subprocess.run(command, env=environment, check=False).returncode
    except DevstackError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
