"""SIGTERM loses nothing and delays little: what costs nothing to hand over goes at once, the rest gets the grace."""

import asyncio
import signal
import subprocess
import time
from pathlib import Path

import pytest

from db.connection import Database, open_pool
from db.migrate import migrate
from devstack.engines import Engines
from reelwork.testing import running_simulator
from tests.stack.installation import Installation
from tests.stack.waiting import until

_GRACE_S = 12

_HELD = "SELECT count(*) FROM reelwork.video_jobs WHERE owner IS NOT NULL AND state = $1"
_RELEASED = "SELECT count(*) FROM reelwork.job_events WHERE type = 'released'"
_OUTCOMES = "SELECT coalesce(outcome, 'none') AS outcome, count(*) FROM reelwork.submissions GROUP BY 1"

_HEARD = """
SELECT j.provider_job_id, extract(epoch FROM e.at)::float AS heard_at
FROM reelwork.video_jobs j JOIN reelwork.job_events e ON e.job_id = j.id AND e.type = 'generated'
"""


async def _held(installation: Installation, state: str, count: int) -> None:
    async def there() -> bool:
        return int(await installation.pool.fetchval(_HELD, state)) >= count

    await until(there, 120, f"{count} videos in {state}")


async def _ends(process: "subprocess.Popen[bytes]") -> float:
    """Wait for its end; how many seconds it took."""
    since = time.monotonic()
    await asyncio.to_thread(process.wait, 90)
    return time.monotonic() - since


async def _outcomes(installation: Installation) -> dict[str, int]:
    return {row["outcome"]: row["count"] for row in await installation.pool.fetch(_OUTCOMES)}


async def test_a_paid_call_and_a_transfer_get_the_grace_and_the_rest_goes_at_once(installation: Installation) -> None:
    worker = installation.start_worker()
    await installation.submit(["a long river [sim:content=drip,bytes_per_s=12000]"])
    await _held(installation, "collecting", 1)
    installation.simulator.change(generation_s=600)
    await installation.submit([f"waiting {n}" for n in range(20)])
    await _held(installation, "generating", 20)
    await installation.submit(["slow to answer [sim:submit=slow-after,window=4]"])
    await _held(installation, "submitting", 1)

    worker.send_signal(signal.SIGTERM)

    async def released() -> bool:
        return int(await installation.pool.fetchval(_RELEASED)) >= 20

    await until(released, 30, "the release of what waits")
    was_there = worker.poll() is None
    await installation.submit(["too late for it"])
    await _ends(worker)
    assert (was_there, worker.returncode) == (True, 0), installation.logs()
    assert await _outcomes(installation) == {"accepted": 22}, installation.logs()
    states = await installation.states()
    assert states == {"completed": 1, "generating": 21, "queued": 1}, installation.logs()


async def test_a_second_signal_loses_nothing(installation: Installation) -> None:
    installation.simulator.change(generation_s=600)
    worker = installation.start_worker()
    await installation.submit([f"slow to answer {n} [sim:submit=slow-after,window=3]" for n in range(5)])
    await _held(installation, "submitting", 5)

    for signum in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT, signal.SIGTERM):
        worker.send_signal(signum)
        await asyncio.sleep(0.1)
    await _ends(worker)

    assert worker.returncode == 0, installation.logs()
    assert await _outcomes(installation) == {"accepted": 5}, installation.logs()
    assert await installation.pool.fetchval(_HELD, "generating") == 0


async def test_what_a_claim_under_way_takes_at_the_signal_is_sent_and_handed_over(installation: Installation) -> None:
    installation.simulator.change(generation_s=600)
    worker = installation.start_worker()
    await installation.submit(["first"])
    await _held(installation, "generating", 1)

    await installation.submit([f"claimed at the signal {n}" for n in range(60)])
    await _held(installation, "submitting", 1)
    worker.send_signal(signal.SIGTERM)
    await _ends(worker)

    assert worker.returncode == 0, installation.logs()
    assert (await _outcomes(installation)).keys() == {"accepted"}, installation.logs()
    assert (await installation.states()).keys() <= {"generating", "queued"}


@pytest.mark.parametrize("engine", ["postgres", "valkey"])
@pytest.mark.parametrize("how", ["kill", "pause"])
async def test_it_leaves_within_its_grace_while_an_engine_is_away(
    own_engines: Engines, tmp_path: Path, engine: str, how: str
) -> None:
    await migrate(own_engines.database_url)
    with running_simulator(lean=True, generation_s=600) as simulator:
        async with open_pool(Database(own_engines.database_url), 2) as pool:
            made = Installation(pool, own_engines.database_url, own_engines.redis_url, simulator, tmp_path)
            made.settings["SHUTDOWN_GRACE_SECONDS"] = str(_GRACE_S)
            try:
                worker = made.start_worker()
                await made.submit([f"cat {n}" for n in range(10)])
                await _held(made, "generating", 10)

                await getattr(getattr(own_engines, engine), how)()
                worker.send_signal(signal.SIGTERM)
                took_s = await _ends(worker)
                logs = made.logs()
            finally:
                made.stop_all()
                if how == "pause":
                    await getattr(own_engines, engine).resume()

    assert worker.returncode == 0, logs
    assert took_s < _GRACE_S, logs


async def test_a_rolling_deploy_loses_nothing_and_delays_little(installation: Installation) -> None:
    videos, generation_s = 60, 20
    installation.simulator.change(generation_s=generation_s, queue_s=0)
    old = [installation.start_worker(), installation.start_worker()]
    await installation.submit([f"cat {n}" for n in range(videos)])
    await _held(installation, "generating", videos)
    for worker in old:
        installation.start_worker()
        worker.send_signal(signal.SIGTERM)
        await _ends(worker)

    states = await installation.all_ended(within_s=200)

    ready = {one["id"]: one["ends_at"] for one in installation.simulator.books()["submissions"]}
    heard = await installation.pool.fetch(_HEARD)
    delays = sorted(row["heard_at"] - ready[row["provider_job_id"]] for row in heard)
    assert states == {"completed": videos}, installation.logs()
    assert sorted(installation.paid()) == sorted(f"cat {n}" for n in range(videos))
    # Five seconds is what a deploy may cost; the rest is room for a machine that is busy with other tests.
    assert delays[-1] < 5 + 10, delays
