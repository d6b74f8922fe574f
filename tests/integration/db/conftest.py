"""One database for all tests of the data layer in this process, emptied before each of them."""

from collections.abc import AsyncIterator, Iterator

import pytest

from db.connection import Database, Pool, open_pool
from devstack.engines.databases import DatabaseMaker
from tests.integration.db.world import World

EMPTY = """
DELETE FROM reelwork.video_jobs; DELETE FROM reelwork.files; DELETE FROM reelwork.images;
DELETE FROM reelwork.job_events;
DELETE FROM reelwork.submissions; DELETE FROM reelwork.ledger; DELETE FROM reelwork.workers;
DELETE FROM reelwork.credentials; DELETE FROM reelwork.lane_turns; DELETE FROM reelwork.lanes;
DELETE FROM reelwork.client_keys; DELETE FROM reelwork.clients WHERE name <> 'default';
UPDATE reelwork.installation SET paused = false, pause_reason = NULL
"""


@pytest.fixture(scope="session")
def shared_database_url(database_maker: DatabaseMaker, template_database: str) -> Iterator[str]:
    """Making a database takes longer than most of these tests, so they take turns in one."""
    url = database_maker.create(template_database)
    yield url
    database_maker.drop(url)


@pytest.fixture
def database(shared_database_url: str) -> Database:
    return Database(shared_database_url)


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    """Five connections to a database with our tables and nothing in them."""
    async with open_pool(database, 5) as opened:
        await opened.execute(EMPTY)
        yield opened


@pytest.fixture
def world(pool: Pool) -> World:
    return World(pool)
