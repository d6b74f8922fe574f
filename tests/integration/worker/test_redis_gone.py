"""Redis goes, comes back empty, loses everything in between: work goes on from Postgres, and nothing runs twice."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import redis.asyncio

from devstack.engines import Engines
from tests.stack.installation import ADMIN_KEY, Installation
from tests.stack.waiting import until

_SHORT_LEASE = {"LEASE_SECONDS": "4", "HEARTBEAT_SECONDS": "1"}


@asynccontextmanager
async def _api(installation: Installation) -> AsyncIterator[httpx.AsyncClient]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    installation.start([sys.executable, "-m", "app"], "web", PORT=str(port))
    key = {"Authorization": f"Bearer {ADMIN_KEY}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=key, timeout=60) as client:

        async def serves() -> bool:
            try:
                return (await client.get("/readyz")).status_code == 200
            except httpx.HTTPError:
                return False

        await until(serves, 90, "the API")
        yield client


async def _ask_for(client: httpx.AsyncClient, scene: str) -> None:
    answer = await client.post("/api/video/generate", json={"storyboardId": "s", "provider": "sora", "prompt": scene})
    assert answer.status_code == 202, answer.text


async def test_without_redis_requests_are_taken_and_done_and_a_new_worker_takes_over_from_a_dead_one(
    installation: Installation, own_engines: Engines
) -> None:
    assert own_engines.valkey is not None
    installation.redis_url = own_engines.redis_url
    installation.settings |= _SHORT_LEASE
    installation.simulator.change(generation_s=5)
    dying, staying = installation.start_worker(), installation.start_worker()
    async with _api(installation) as client:

        async def health() -> Any:
            answer = await client.get("/api/health/worker")
            return answer.status_code, answer.json()["redis"]

        async def well() -> bool:
            return bool(await health() == (200, "connected"))

        await until(well, 90, "a healthy installation")
        for number in range(5):
            await _ask_for(client, f"cat {number}")
        await own_engines.valkey.kill()
        for number in range(5, 10):
            await _ask_for(client, f"cat {number}")
        assert await health() == (200, "down")
        joined = installation.start_worker()
        dying.kill()

        assert await installation.all_ended(120) == {"completed": 10}, installation.logs()
        await own_engines.valkey.start()
        await until(well, 90, "Redis seen again")
        await _ask_for(client, "cat 10")
        assert await installation.all_ended(120) == {"completed": 11}, installation.logs()

    assert sorted(installation.paid()) == sorted(f"cat {number}" for number in range(11))
    assert (staying.poll(), joined.poll()) == (None, None)


async def test_a_cap_holds_and_nothing_runs_twice_while_redis_forgets_and_refuses(
    installation: Installation, own_engines: Engines
) -> None:
    assert own_engines.valkey is not None
    installation.redis_url = own_engines.redis_url
    installation.settings |= _SHORT_LEASE | {"LANE_MAX_IN_FLIGHT": "5"}
    workers = [installation.start_worker(), installation.start_worker()]
    await installation.submit([f"cat {number}" for number in range(25)])

    async with redis.asyncio.Redis.from_url(own_engines.redis_url) as connection:
        refuses = False
        while {"queued", "submitting", "generating", "collecting"} & (await installation.states()).keys():
            refuses = not refuses
            await connection.config_set("min-replicas-to-write", 0)
            await connection.flushall()
            await connection.config_set("min-replicas-to-write", int(refuses))
            await asyncio.sleep(0.3)

    assert await installation.states() == {"completed": 25}, installation.logs()
    assert sorted(installation.paid()) == sorted(f"cat {number}" for number in range(25))
    assert installation.simulator.books()["peak_in_flight"] <= 5
    assert [worker.poll() for worker in workers] == [None, None]
