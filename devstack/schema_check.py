"""Shows that the migrations lead to the tables that the models describe, on a database made for this moment."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from db.migrate import differences, migrate
from devstack.engines import open_engines
from devstack.errors import DevstackError


async def compare(url: str) -> list[Any]:
    """Migrate the empty database at `url`; what its tables and the models disagree on."""
    await migrate(url)
    return await differences(url)


def main() -> int:
    """0 if they agree, 1 with the differences otherwise."""
    home = Path(tempfile.mkdtemp(prefix="reelwork-check-"))
    home.chmod(0o711)  # the servers' user must be able to enter
    try:
        with open_engines(home, durable=False) as running:
            found = asyncio.run(compare(running.database_url))
    except DevstackError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        shutil.rmtree(home, ignore_errors=True)
    for difference in found:
        print(f"models and migrations disagree: {difference}")
    print("models and migrations agree" if not found else "write a migration for these, or mend the models")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
