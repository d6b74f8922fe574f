"""An installation for each test, on engines shared by the pytest process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db.connection import Database, open_pool
from reelwork.testing import running_simulator
from tests.stack.installation import Installation


@pytest.fixture
async def installation(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    with running_simulator(lean=True, generation_s=0.5, queue_s=0.1) as simulator:
        async with open_pool(Database(database_url), 4) as pool:
            made = Installation(pool, database_url, redis_url, simulator, tmp_path)
            try:
                yield made
            finally:
                made.stop_all()
