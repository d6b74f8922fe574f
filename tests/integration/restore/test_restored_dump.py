"""A database restored from a backup pays for nothing a second time."""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

from db.connection import Database, open_pool
from tests.integration.restore.conftest import Dumped
from tests.stack.installation import ROOT, Installation
from tests.stack.waiting import until

_PUT_OFF = "UPDATE reelwork.video_jobs SET due_at = now() + interval '1 day' WHERE id = ANY ($1::uuid[])"
_NOW_DUE = "UPDATE reelwork.video_jobs SET due_at = now() WHERE id = ANY ($1::uuid[])"
_A_MINUTE_PASSES = "UPDATE reelwork.installation SET marked_at = marked_at - interval '1 minute'"
_GENERATING = "SELECT count(*) FROM reelwork.video_jobs WHERE state = 'generating'"
_RESTORED = "SELECT restored_at IS NOT NULL AND paused FROM reelwork.installation"


async def test_an_old_dump_restored_pays_for_nothing_again(installation: Installation, dumped: Dumped) -> None:
    installation.settings |= {"LANE_MAX_IN_FLIGHT": "6", "LEASE_SECONDS": "4", "HEARTBEAT_SECONDS": "1"}
    late = await installation.submit([f"late fox {n}" for n in range(3)])
    (never,) = await installation.submit(["a fox that nobody submitted"])
    await installation.pool.execute(_PUT_OFF, [*late, never])
    await installation.submit([f"cat {n}" for n in range(60)])
    installation.start_worker()
    await _until_completed(installation, 8)
    taken_at = datetime.now(UTC)
    dump = await asyncio.to_thread(dumped, installation.database_url)
    stray = await _the_world_goes_on(installation, late)
    paid = Counter(installation.paid())
    assert len(paid) == 64 and set(paid.values()) == {1}, paid

    async with _on(installation, dump):
        await _a_worker_notices(installation)
        said = _work_off(installation, taken_at)
        installation.simulator.advance(600)

        assert await installation.all_ended(150) == {"completed": 63, "needs_review": 1}, installation.logs()
        assert Counter(installation.paid()) == paid
        assert await _ledger(installation) == {"reserve": 64, "settle": 63}
    assert "3  found at the provider" in said and "1  may be paid for" in said, said
    assert f"{stray}/1/video.mp4" in said and str(never) in said, said


async def _the_world_goes_on(installation: Installation, late: list[UUID]) -> UUID:
    """After the dump: all others complete, a new one too, and the late ones are under way; then everything dies."""
    _kill_all(installation)
    await installation.pool.execute(_A_MINUTE_PASSES)
    (stray,) = await installation.submit(["a fox of after the dump"])
    installation.start_worker()
    await _until_completed(installation, 61)
    installation.simulator.change(generation_s=600)
    await installation.pool.execute(_NOW_DUE, late)

    async def late_ones_generate() -> bool:
        return int(await installation.pool.fetchval(_GENERATING)) == len(late)

    await until(late_ones_generate, 60, "videos that the dump does not know to be submitted")
    _kill_all(installation)
    return stray


async def _a_worker_notices(installation: Installation) -> None:
    installation.start_worker()

    async def is_held() -> bool:
        return bool(await installation.pool.fetchval(_RESTORED))

    await until(is_held, 60, "the worker to notice that its database is an old one")
    assert "python -m app.restored --at" in installation.logs()


def _work_off(installation: Installation, at: datetime) -> str:
    """What the command says; a dry run before it says the same and changes nothing."""
    command = [sys.executable, "-m", "app.restored", "--at", at.isoformat()]
    said = []
    for more in ("--dry-run",), ():
        done = subprocess.run(
            [*command, *more], cwd=ROOT, env=installation.environment(), capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        said.append([line for line in done.stdout.splitlines() if line[:7].strip().isdigit()])
    assert said[0] == said[1]
    return done.stdout


@asynccontextmanager
async def _on(installation: Installation, url: str) -> AsyncIterator[None]:
    async with open_pool(Database(url), 2) as pool:
        installation.database_url, installation.pool = url, pool
        yield


async def _until_completed(installation: Installation, number: int) -> None:
    async def enough() -> bool:
        return (await installation.states()).get("completed", 0) >= number

    await until(enough, 150, f"{number} completed videos")


def _kill_all(installation: Installation) -> None:
    for process in installation.processes:
        process.kill()
        process.wait(10)


async def _ledger(installation: Installation) -> dict[str, int]:
    lines = await installation.pool.fetch("SELECT entry, count(*) FROM reelwork.ledger GROUP BY entry")
    return {line["entry"]: line["count"] for line in lines}
