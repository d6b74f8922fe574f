"""The embedded servers through the life of one data directory."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest
import redis.asyncio

from devstack.engines import Engines, engines, open_engines
from devstack.errors import AlreadyRunning


async def fetch(url: str, query: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def test_rows_and_keys_are_there_again_in_the_next_run(short_tmp: Path) -> None:
    async with engines(short_tmp) as first:
        await fetch(first.database_url, "CREATE TABLE kept AS SELECT 42 AS answer")
        async with redis.asyncio.Redis.from_url(first.redis_url) as valkey:
            await valkey.set("kept", "yes")

    async with engines(short_tmp) as second:
        assert second.database_url == first.database_url
        assert second.redis_url == first.redis_url
        assert await fetch(second.database_url, "SELECT answer FROM kept") == 42
        async with redis.asyncio.Redis.from_url(second.redis_url) as valkey:
            assert await valkey.get("kept") == b"yes"


async def test_a_killed_engine_comes_back_on_the_same_port(own_engines: Engines) -> None:
    for engine in (own_engines.postgres, own_engines.valkey):
        assert engine is not None
        port = engine.port
        await engine.kill()
        assert not engine.is_running

        await engine.start()

        assert engine.is_running
        assert engine.port == port
    assert await fetch(own_engines.database_url, "SELECT 1") == 1


async def test_a_second_run_on_the_same_directory_is_refused_at_once(own_engines: Engines, short_tmp: Path) -> None:
    with pytest.raises(AlreadyRunning, match="REELWORK_HOME"), open_engines(short_tmp / "home"):
        pass


async def test_each_test_gets_a_database_and_an_empty_valkey(
    empty_database_url: str, redis_url: str, engines: Engines
) -> None:
    assert empty_database_url != engines.database_url
    assert await fetch(empty_database_url, "SELECT 1") == 1
    async with redis.asyncio.Redis.from_url(redis_url) as valkey:
        assert await valkey.dbsize() == 0


async def test_the_database_of_a_test_holds_our_schema(database_url: str) -> None:
    assert await fetch(database_url, "SELECT to_regclass('reelwork.video_jobs') IS NOT NULL") is True
