"""Behind a pooler in transaction mode everything works, but migrations, which say what to set."""

from typing import Any

import asyncpg
import httpx
import pytest

from tests.stack.pooler import TransactionPooler


@pytest.fixture
def pooled(platform: Any, pooler: TransactionPooler) -> Any:
    """A platform whose processes reach the database by the pooler, and migrations past it."""
    direct = platform.environ["DATABASE_URL"]
    platform.environ |= {"DATABASE_URL": pooler.url, "DIRECT_DATABASE_URL": direct, "DB_POOLER": "transaction"}
    return platform


async def shown(url: str, setting: str) -> str:
    """What a new session is given."""
    session = await asyncpg.connect(url, statement_cache_size=0)
    value: str = await session.fetchval(f"SHOW {setting}")
    await session.close()
    return value


def test_a_video_is_made_by_web_and_worker_behind_a_pooler(
    pooled: Any, pooler: TransactionPooler, procfile: dict[str, str]
) -> None:
    assert pooled.run(procfile["release"]).process.returncode == 0
    pooled.start(procfile["web"])
    pooled.start(procfile["worker"])
    headers = {"Authorization": f"Bearer {pooled.environ['ADMIN_KEY']}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{pooled.environ['PORT']}", headers=headers, timeout=10) as api:
        pooled.until(lambda: answers(api, "/api/health/worker"))
        body = {"storyboardId": "board", "provider": "sora", "model": "sora-2"}
        scenes = {"defaults": body, "scenes": [{"scene": f"wave {n}"} for n in range(8)]}
        asked = api.post("/api/storyboards/board/generate", json=scenes)
        assert asked.status_code == 202, asked.text
        pooled.until(lambda: api.get("/api/storyboards/board").json()["counts"]["completed"] == 8)

    assert pooler.moves > 20
    for line in pooled.said().splitlines():
        assert '"level": "error"' not in line


async def test_the_release_step_gives_the_role_its_timeouts_and_says_so(
    pooled: Any, empty_database_url: str, procfile: dict[str, str]
) -> None:
    release = pooled.run(procfile["release"])

    assert release.process.returncode == 0, release.errors.read_text()
    said = release.output.read_text()
    assert "time-outs of statements, locks and idle transactions are set on the role" in said
    assert await shown(empty_database_url, "idle_in_transaction_session_timeout") == "2s"
    assert await shown(empty_database_url, "lock_timeout") == "1s"
    assert await shown(empty_database_url, "statement_timeout") == "10s"


async def test_without_a_pooler_the_role_is_left_alone(
    platform: Any, empty_database_url: str, procfile: dict[str, str]
) -> None:
    assert platform.run(procfile["release"]).process.returncode == 0

    assert await shown(empty_database_url, "statement_timeout") == "0"


@pytest.mark.parametrize("told", [True, False], ids=["named", "not named"])
def test_migrations_refuse_a_pooler_and_ask_for_the_direct_address(
    pooled: Any, procfile: dict[str, str], told: bool
) -> None:
    pooled.environ["DIRECT_DATABASE_URL"] = ""
    pooled.environ["DB_POOLER"] = "transaction" if told else ""

    release = pooled.run(procfile["release"])

    assert release.process.returncode == 1
    assert "DIRECT_DATABASE_URL" in release.errors.read_text()


def answers(api: httpx.Client, path: str) -> bool:
    try:
        return api.get(path).status_code == 200
    except httpx.TransportError:
        return False
