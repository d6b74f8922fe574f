"""One API process, asked by several callers at once while no worker runs: how many a second, how long each takes."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import asyncpg

from bench.chaos.recovery import percentile
from bench.speed.stage import ADMIN_KEY, Scene, Stage, open_stage

_CALLERS = 32
_QUEUE_CALLERS = 2
_PATH = "/api/video/generate"
_CREATE = {"storyboardId": "bench", "provider": "sora", "prompt": "a fox on a road", "scene": "1", "seconds": 4}

Call = tuple[str, str, dict[str, object] | None]


@dataclass(frozen=True, slots=True)
class Rates:
    """Of one call. `rows` are the jobs that were in the database."""

    call: str
    callers: int
    rows: int
    a_second: float
    p50_ms: float
    p99_ms: float


async def ask(folder: Path, requests: int, tell: Callable[[str], None]) -> list[Rates]:
    """Create, status and the operators' queue, in this order, on the rows that the creates made."""
    async with open_stage(folder, Scene(1, 1, 0)) as stage:
        stage.fleet.start(*stage.fleet.apis)
        headers = {"authorization": f"Bearer {ADMIN_KEY}"}
        async with aiohttp.ClientSession(stage.api_url, headers=headers) as session:
            await _serving(session)
            tell("creating")
            create = await _rates(
                stage, session, "create", _CALLERS, requests, ("POST", "/api/video/generate", _CREATE)
            )
            async with session.post("/api/video/generate", json=_CREATE) as answer:
                job_id = (await answer.json())["jobId"]
            tell("asking for the state of one")
            status = await _rates(stage, session, "status", _CALLERS, requests, ("GET", f"/api/video/{job_id}", None))
            tell("asking for the queue")
            path = "/api/admin/queue"
            queue = await _rates(stage, session, "admin queue", _QUEUE_CALLERS, requests // 4, ("GET", path, None))
        return [create, status, queue]


async def _serving(session: aiohttp.ClientSession) -> None:
    while True:
        try:
            async with session.get("/readyz") as answer:
                if answer.status == 200:
                    return
        except aiohttp.ClientConnectionError:
            pass
        await asyncio.sleep(0.1)


async def _rates(
    stage: Stage, session: aiohttp.ClientSession, name: str, callers: int, requests: int, call: Call
) -> Rates:
    method, path, body = call
    took: list[float] = []
    numbers = iter(range(requests))

    async def ask_on() -> None:
        for _ in numbers:
            asked = time.monotonic()
            async with session.request(method, path, json=body) as answer:
                answer.raise_for_status()
                await answer.read()
            took.append(time.monotonic() - asked)

    started = time.monotonic()
    await asyncio.gather(*(ask_on() for _ in range(callers)))
    seconds = time.monotonic() - started
    p50, p99 = (1000 * percentile(took, share) for share in (0.5, 0.99))
    return Rates(name, callers, await _rows(stage), requests / seconds, p50, p99)


async def _rows(stage: Stage) -> int:
    conn = await asyncpg.connect(stage.engines.database_url)
    try:
        rows: int = await conn.fetchval("SELECT count(*) FROM reelwork.video_jobs")
    finally:
        await conn.close()
    return rows
