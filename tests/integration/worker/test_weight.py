"""What a worker weighs, idle and while a gigabyte passes through it."""

import asyncio

import psutil

from tests.stack.installation import Installation
from tests.stack.waiting import until

_MB = 1_000_000
_GIGABYTE = 1_000 * _MB


async def test_a_gigabyte_passes_through_a_worker_without_staying_in_it(installation: Installation) -> None:
    worker = psutil.Process(installation.start_worker().pid)

    async def registered() -> object:
        return await installation.pool.fetchval("SELECT rss_bytes FROM reelwork.workers")

    await until(registered, 120, "a heartbeat")
    idle = worker.memory_info().rss
    await installation.submit([f"a very long river [sim:bytes={_GIGABYTE}]"])

    peak = idle
    while (await installation.states()).keys() != {"completed"}:
        peak = max(peak, worker.memory_info().rss)
        assert (await installation.states()).keys().isdisjoint({"failed"}), installation.logs()
        await asyncio.sleep(0.02)

    (video,) = installation.videos.glob("*/1/video.mp4")
    assert video.stat().st_size >= 0.99 * _GIGABYTE
    assert idle < 100 * _MB
    assert peak - idle < 60 * _MB
