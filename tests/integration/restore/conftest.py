"""An installation whose database can be put back to an earlier state."""

import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from db.connection import Database, open_pool
from devstack.engines.binaries import find_postgres
from devstack.engines.databases import DatabaseMaker
from reelwork.testing import running_simulator
from tests.stack.installation import Installation

Dumped = Callable[[str], str]


@pytest.fixture
async def installation(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    with running_simulator(lean=True, generation_s=0.3, queue_s=0.1) as simulator:
        async with open_pool(Database(database_url), 4) as pool:
            made = Installation(pool, database_url, redis_url, simulator, tmp_path)
            try:
                yield made
            finally:
                made.stop_all()


@pytest.fixture
def dumped(database_maker: DatabaseMaker, tmp_path: Path) -> Dumped:
    """Takes a backup of a database as it runs and restores it elsewhere; returns the URL."""

    def dump_and_restore(url: str) -> str:
        programs, file, copy = find_postgres().path.parent, tmp_path / "dump", database_maker.create()
        subprocess.run([programs / "pg_dump", "--format=custom", f"--file={file}", url], check=True, timeout=60)
        subprocess.run([programs / "pg_restore", "--exit-on-error", f"--dbname={copy}", file], check=True, timeout=60)
        return copy

    return dump_and_restore
