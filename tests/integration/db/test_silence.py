"""A server that has fallen silent keeps nobody longer than its caller meant to wait."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from db.connection import Database, Pool, open_pool, transaction
from tests.stack.link import linked


async def _asked(pool: Pool) -> None:
    async with asyncio.timeout(0.5):
        await pool.fetchval("SELECT 1")


async def _asked_in_a_transaction(pool: Pool) -> None:
    async with asyncio.timeout(0.5), transaction(pool) as connection:
        await connection.fetchval("SELECT 1")


@pytest.mark.parametrize("ask", [_asked, _asked_in_a_transaction])
async def test_a_bound_on_a_statement_holds_and_the_pool_is_whole_afterwards(
    database_url: str, ask: Callable[[Pool], Awaitable[None]]
) -> None:
    async with linked(database_url) as link, open_pool(Database(link.url, patience_s=300), 1) as pool:
        await pool.fetchval("SELECT 1")
        link.silence()
        asking = asyncio.create_task(ask(pool))

        done, _ = await asyncio.wait([asking], timeout=30)

        await link.mend()
        assert done
        assert isinstance(asking.exception(), TimeoutError)
        assert await pool.fetchval("SELECT 1") == 1


async def test_a_statement_without_a_bound_of_its_own_ends_too(database_url: str) -> None:
    async with linked(database_url) as link, open_pool(Database(link.url, patience_s=0.5), 1) as pool:
        await pool.fetchval("SELECT 1")
        link.silence()

        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pool.fetchval("SELECT 1"), 30)
