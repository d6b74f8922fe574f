"""Real engines for the tests: one PostgreSQL and one Valkey for each pytest-xdist worker, a database for each test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from devstack.engines import Engines, open_engines
from devstack.engines.databases import DatabaseMaker

SCHEMA = "reelwork"
# What a developer has exported for real use must not reach a test: no real database, no provider that costs money.
OUR_VARIABLES = (
    *("ADMIN_", "ALERT_", "API_", "ARQ_", "AWS_", "BUDGET_", "CLIENT_", "CORS_", "DATABASE_", "DB_", "DIRECT_", "DYNO"),
    *("ENCRYPTION_", "EVENT_", "GEMINI_", "GENERATION_", "GOOGLE_", "HEARTBEAT_", "KEEP_", "LANE_", "LANES_", "LEASE_"),
    *("LOG_", "MAX_VIDEO_", "METRICS_", "MODEL_", "ONCE", "OPENAI_", "PORT", "PROVIDER_", "PUBLIC_URL", "QUEUE_"),
    *("RAILWAY_", "REDIS_", "REELWORK_", "RENDER", "REVIEW_", "ROW_", "S3_", "SAMPLE", "SENTRY_", "SHUTDOWN_"),
    *("SIMULATOR", "STORAGE_", "SUBMIT_", "TRANSFER_", "VERTEX_", "VIDEO_", "WEB_", "WORK_DIR", "WORKER", "WORKERS"),
)

for _name in list(os.environ):
    if _name.startswith(OUR_VARIABLES):
        del os.environ[_name]


@pytest.fixture
def short_tmp() -> Iterator[Path]:
    """A directory that the servers' user may enter also when the tests run as root (pytest's own are 0700)."""
    path = Path(tempfile.mkdtemp(prefix="reelwork-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    """The engines that all tests of this pytest process share: stop or kill none of them (see `own_engines`)."""
    home = Path(tempfile.mkdtemp(prefix="reelwork-test-"))
    home.chmod(0o711)
    with open_engines(home, durable=False) as running:
        yield running
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def blank_home() -> Iterator[Path]:
    """A data directory whose engines were started and stopped once: a copy of it starts in a moment."""
    parent = Path(tempfile.mkdtemp(prefix="reelwork-test-"))
    parent.chmod(0o711)
    with open_engines(parent / "home", durable=False):
        pass
    state = parent / "home" / "state.json"
    remembered = json.loads(state.read_text())
    state.write_text(json.dumps({"password": remembered["password"]}))  # ports and processes are each copy's own
    yield parent / "home"
    shutil.rmtree(parent)


@pytest.fixture
def own_engines(short_tmp: Path, blank_home: Path) -> Iterator[Engines]:
    """Engines for one test alone, to be stopped, killed and started; its database is empty."""
    subprocess.run(["cp", "-a", str(blank_home), str(short_tmp / "home")], check=True)
    with open_engines(short_tmp / "home", durable=False) as running:
        yield running


@pytest.fixture(scope="session")
def database_maker(engines: Engines) -> Iterator[DatabaseMaker]:
    """Creates and drops databases on the shared server."""
    with DatabaseMaker(engines.database_url) as maker:
        yield maker


@pytest.fixture(scope="session")
def template_database(database_maker: DatabaseMaker) -> str:
    """The name of a database with our schema and nothing in it, to copy."""
    from db.migrate import migrate

    url = database_maker.create()
    database_maker.call(migrate(url, schema=SCHEMA))
    return urlsplit(url).path.removeprefix("/")


@pytest.fixture
def empty_database_url(database_maker: DatabaseMaker) -> Iterator[str]:
    """A database of this test alone, without our schema."""
    url = database_maker.create()
    yield url
    database_maker.drop(url)


@pytest.fixture
def database_url(database_maker: DatabaseMaker, template_database: str) -> Iterator[str]:
    """A database of this test alone, at the newest migration, everything in the schema `reelwork`."""
    url = database_maker.create(template_database)
    yield url
    database_maker.drop(url)


@pytest.fixture
def redis_url(engines: Engines) -> Iterator[str]:
    """The shared Valkey, with no key in it."""
    with redis.Redis.from_url(engines.redis_url) as connection:
        connection.flushall()
    yield engines.redis_url
