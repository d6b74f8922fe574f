"""The same request twice on two processes, over real sockets, on a wire that loses answers."""

import asyncio
import itertools
import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import openai
import pytest

from db.connection import Pool
from tests.integration.app.conftest import ADMIN_KEY
from tests.integration.app.rows import committed
from tests.integration.app.wire import HELD, LOST, Wire, open_wire
from tests.stack.waiting import until

ROOT = Path(__file__).parents[3]
PRICE_MICROS = 800_000
VIDEOS = 10
VIDEO = {"storyboardId": "s", "provider": "sora", "scene": "x", "seconds": 8}

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")


@pytest.fixture
def started(environ: dict[str, str], tmp_path: Path) -> Iterator[list[int]]:
    """Two API processes with a day's budget for ten videos of eight seconds, by their ports."""
    budget = {"BUDGET_USD_PER_DAY": str(VIDEOS * PRICE_MICROS / 1_000_000), "API_RATE_LIMIT": "0"}
    variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LOG_LEVEL": "warn"} | environ | budget
    processes, ports = [], list(itertools.islice(free_ports(), 2))
    with (tmp_path / "api.log").open("wb") as log:
        for port in ports:
            command, settings = [sys.executable, "-m", "app"], variables | {"PORT": str(port)}
            processes.append(subprocess.Popen(command, cwd=ROOT, env=settings, stdout=log, stderr=log))
    yield ports
    for process in processes:
        process.kill()
        process.wait(10)


@pytest.fixture
async def ports(started: list[int]) -> list[int]:
    for port in started:
        await until(lambda port=port: served(port), 90, "an API process")
    return started


def free_ports() -> Iterator[int]:
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            yield probe.getsockname()[1]


async def served(port: int) -> bool:
    try:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
async def wire(ports: list[int]) -> AsyncIterator[Wire]:
    async with open_wire(ports) as opened:
        yield opened


@pytest.fixture
async def sdk(wire: Wire) -> AsyncIterator[openai.AsyncOpenAI]:
    """The official SDK as it comes: it sends a create up to three times."""
    async with openai.AsyncOpenAI(api_key=ADMIN_KEY, base_url=f"http://127.0.0.1:{wire.port}/v1") as client:
        yield client


def tries(*numbers: int, fate: str = LOST) -> Any:
    """What becomes of creates with these retry counts."""
    lines = [f"x-stainless-retry-count: {number}\r\n" for number in numbers]
    return lambda head: fate if head.startswith("post /v1/videos") and any(line in head for line in lines) else None


async def videos(pool: Pool) -> int:
    found: int = await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs")
    return found


async def test_an_sdk_that_loses_answers_makes_as_many_videos_as_were_meant(
    sdk: openai.AsyncOpenAI, wire: Wire, pool: Pool
) -> None:
    made = []
    for lost in ((), (0,), (0, 1), (0,)):
        wire.fate = tries(*lost)
        made.append((await sdk.videos.create(prompt="a cat", model="sora-2", seconds="4")).id)
    assert (len(set(made)), await videos(pool)) == (4, 4)

    wire.fate = tries(0, 1)
    at_once = await asyncio.gather(*(sdk.videos.create(prompt="a dog", seconds="4") for _ in range(3)))
    shown = await asyncio.gather(*(sdk.videos.retrieve(video.id) for video in at_once))
    assert (len({video.id for video in shown}), await videos(pool)) == (3, 7)

    wire.fate = tries(0, fate=HELD)
    overtaking = await sdk.videos.create(prompt="an owl", seconds="4")
    wire.let_go.set()
    await until(lambda: came_late(wire), 30, "the request that was held back")
    assert (await sdk.videos.retrieve(overtaking.id)).prompt == "an owl"
    assert await videos(pool) == 8


async def came_late(wire: Wire) -> bool:
    return wire.arrived == 1


async def create(client: httpx.AsyncClient, port: int, headers: dict[str, str], **members: str) -> httpx.Response:
    """One create, sent again for as long as the server is busy with others."""
    while True:
        url = f"http://127.0.0.1:{port}/api/video/generate"
        response = await client.post(url, json=VIDEO | members, headers=headers)
        if response.status_code != 503 and response.json().get("code") != "idempotency_key_in_use":
            return response


async def test_of_five_hundred_creates_at_once_a_budget_for_ten_takes_ten_and_doubles_are_one(
    ports: list[int], pool: Pool
) -> None:
    limits, key = (
        httpx.Limits(max_connections=100, max_keepalive_connections=0),
        {"Authorization": f"Bearer {ADMIN_KEY}"},
    )
    keyed, own_id = {"Idempotency-Key": "take-1"}, str(uuid4())
    async with httpx.AsyncClient(limits=limits, headers=key, timeout=None) as client:
        by_key = await asyncio.gather(*(create(client, port, keyed) for port in ports for _ in range(10)))
        by_id = await asyncio.gather(*(create(client, port, {}, jobId=own_id) for port in ports for _ in range(10)))
        others = await asyncio.gather(*(create(client, port, {}) for port in ports for _ in range(250)))

    assert {answer.status_code for answer in by_key + by_id} == {202}
    assert len({answer.json()["jobId"] for answer in by_key}) == 1
    assert {answer.json()["jobId"] for answer in by_id} == {own_id}
    assert Counter(answer.status_code for answer in others) == {202: VIDEOS - 2, 402: 492}
    assert (await videos(pool), await committed(pool)) == (VIDEOS, VIDEOS * PRICE_MICROS)
