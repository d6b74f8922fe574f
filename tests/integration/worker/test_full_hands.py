"""A worker that dies with full hands, beside one that has no room: all is adopted at once, nothing paid again."""

from typing import Any

from tests.stack.installation import Installation
from tests.stack.waiting import until

_VIDEOS = 300
_LEASE_S = 4
_GENERATING = "SELECT count(*) FROM reelwork.video_jobs WHERE state = 'generating'"
_OWNERS = "SELECT owner, count(*) AS held FROM reelwork.video_jobs WHERE state = 'generating' GROUP BY owner"
_IDS = "SELECT id, provider_job_id FROM reelwork.video_jobs"
_ADOPTED = """
SELECT extract(epoch FROM at - $1)::float AS after_s FROM reelwork.job_events
WHERE type = 'adopted' AND at > $1 ORDER BY 1
"""


async def test_a_full_worker_adopts_all_that_another_full_one_held(installation: Installation) -> None:
    installation.simulator.change(generation_s=3600)
    installation.settings |= {
        "WORKER_MAX_IN_FLIGHT": str(_VIDEOS // 2),
        "LEASE_SECONDS": str(_LEASE_S),
        "HEARTBEAT_SECONDS": "1",
    }
    await installation.submit([f"cat {n}" for n in range(_VIDEOS)])
    workers = {process.pid: process for process in (installation.start_worker(), installation.start_worker())}
    await _until_count(installation, _VIDEOS)
    held = {row["owner"]: row["held"] for row in await installation.pool.fetch(_OWNERS)}
    ids = await _ids(installation)

    victim = await installation.pool.fetchrow("SELECT id, pid FROM reelwork.workers WHERE ended_at IS NULL LIMIT 1")
    died_at = await installation.pool.fetchval("SELECT now()")
    workers[victim["pid"]].kill()

    async def adopted() -> list[float]:
        rows = await installation.pool.fetch(_ADOPTED, died_at)
        return [row["after_s"] for row in rows] if len(rows) == held[victim["id"]] else []

    after_s: Any = await until(adopted, 60, "the adoption of all videos")
    assert sorted(held.values()) == [_VIDEOS // 2] * 2
    # All within one sweep of the reaper: what varies is only when the lease was over.
    assert after_s[-1] - after_s[0] < _LEASE_S
    assert await _ids(installation) == ids
    assert sorted(installation.paid()) == sorted(f"cat {n}" for n in range(_VIDEOS))


async def _until_count(installation: Installation, count: int) -> None:
    async def there() -> bool:
        return int(await installation.pool.fetchval(_GENERATING)) == count

    await until(there, 150, f"{count} videos in flight")


async def _ids(installation: Installation) -> dict[Any, Any]:
    return {row["id"]: row["provider_job_id"] for row in await installation.pool.fetch(_IDS)}
