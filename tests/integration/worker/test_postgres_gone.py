"""Postgres goes and comes back: nothing is lost, nothing is paid twice, and nobody has to be taken over."""

import asyncio

import pytest

from db.connection import Database, open_pool
from db.migrate import migrate
from devstack.engines import Engines
from tests.stack.installation import PRICE_MICROS, Installation
from tests.stack.link import linked
from tests.stack.waiting import until

_SHORT_LEASE = {"LEASE_SECONDS": "4", "HEARTBEAT_SECONDS": "1"}
_ENDED_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'reelwork worker'"
_ADOPTED = "SELECT count(*) FROM reelwork.job_events WHERE type = 'adopted'"
_SPENT = "SELECT sum(delta_micros)::bigint FROM reelwork.ledger"
_LATE = "a cat answered meanwhile [sim:submit=slow-after,window=3] [sim:unlisted]"
_LARGE = "a cat fetched meanwhile [sim:bytes=300000] [sim:content=drip,bytes_per_s=60000]"


async def _own_database(installation: Installation, engines: Engines) -> None:
    """Move the installation to a server of its own."""
    await migrate(engines.database_url)
    installation.database_url = engines.database_url
    installation.settings |= _SHORT_LEASE


async def test_restarts_under_load_lose_nothing_and_cause_no_takeover(
    installation: Installation, own_engines: Engines
) -> None:
    assert own_engines.postgres is not None
    await _own_database(installation, own_engines)
    installation.simulator.change(generation_s=2)
    async with open_pool(Database(own_engines.database_url), 2) as pool:
        installation.pool = pool
        await installation.submit([f"cat {number}" for number in range(30)])
        workers = [installation.start_worker(), installation.start_worker()]

        async def working() -> bool:
            return (await installation.states()).get("generating", 0) > 5

        await until(working, 90, "videos in flight")
        await own_engines.postgres.stop()
        await own_engines.postgres.start()
        await own_engines.postgres.kill()
        await asyncio.sleep(5)
        await own_engines.postgres.start()
        await pool.expire_connections()  # type: ignore[attr-defined]

        assert await installation.all_ended(120) == {"completed": 30}, installation.logs()
        assert await pool.fetchval(_ADOPTED) == 0
        assert await pool.fetchval(_SPENT) == 30 * PRICE_MICROS
    assert sorted(installation.paid()) == sorted(f"cat {number}" for number in range(30))
    assert [worker.poll() for worker in workers] == [None, None]


@pytest.mark.parametrize("how", ["cut", "silent"])
async def test_what_is_answered_and_fetched_while_postgres_is_away_from_all_is_recorded_when_it_is_back(
    installation: Installation, how: str
) -> None:
    installation.settings |= _SHORT_LEASE
    async with linked(installation.database_url) as link:
        workers = [installation.start_worker(DATABASE_URL=link.url) for _ in range(2)]
        await installation.submit([_LARGE])
        await _reached(installation, {"collecting": 1}, paid=1)
        await installation.submit([_LATE])
        await _reached(installation, {"collecting": 1, "submitting": 1}, paid=2)
        await link.cut() if how == "cut" else link.silence()
        await installation.pool.execute("SELECT pg_sleep(7)")
        await link.mend()

        assert await installation.all_ended(50) == {"completed": 2}, installation.logs()
        assert await installation.pool.fetchval(_ADOPTED) == 0
        assert len(installation.paid()) == 2
        assert [worker.poll() for worker in workers] == [None, None]


async def test_connections_cut_again_and_again_under_load_change_nothing(installation: Installation) -> None:
    installation.settings |= _SHORT_LEASE
    await installation.submit([f"cat {number}" for number in range(20)])
    workers = [installation.start_worker(), installation.start_worker()]

    while {"queued", "submitting", "generating", "collecting"} & (await installation.states()).keys():
        await installation.pool.execute(_ENDED_SESSIONS + " AND datname = current_database()")
        await asyncio.sleep(0.5)

    assert await installation.states() == {"completed": 20}, installation.logs()
    assert sorted(installation.paid()) == sorted(f"cat {number}" for number in range(20))
    assert await installation.pool.fetchval(_SPENT) == 20 * PRICE_MICROS
    assert [worker.poll() for worker in workers] == [None, None]


async def _reached(installation: Installation, states: dict[str, int], paid: int) -> None:
    async def reached() -> bool:
        return await installation.states() == states and len(installation.paid()) == paid

    await until(reached, 90, str(states))
