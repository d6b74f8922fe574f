"""Workers die, leave and start while other things are away; every video goes on under the same provider id."""

import signal
import time

from devstack.engines import Engines
from tests.stack.installation import Installation
from tests.stack.waiting import until

_IN_FLIGHT = "SELECT count(*) FROM reelwork.video_jobs WHERE state = 'generating' AND owner IS NOT NULL"


async def test_videos_of_a_killed_worker_are_adopted_and_none_is_paid_twice(installation: Installation) -> None:
    installation.simulator.change(generation_s=600)
    installation.settings |= {"LEASE_SECONDS": "4", "HEARTBEAT_SECONDS": "1"}
    await installation.submit([f"cat {n}" for n in range(100)])
    workers = [installation.start_worker(), installation.start_worker()]

    async def all_generating() -> bool:
        return int(await installation.pool.fetchval(_IN_FLIGHT)) == 100

    await until(all_generating, 120, "a hundred videos in flight")
    workers[0].kill()
    installation.simulator.advance(600)

    assert await installation.all_ended(150) == {"completed": 100}, installation.logs()
    assert sorted(installation.paid()) == sorted(f"cat {n}" for n in range(100))


async def test_a_leaving_worker_hands_over_at_once(installation: Installation) -> None:
    installation.simulator.change(generation_s=8)
    await installation.submit([f"cat {n}" for n in range(10)])
    first = installation.start_worker()

    async def all_generating() -> bool:
        return int(await installation.pool.fetchval(_IN_FLIGHT)) == 10

    await until(all_generating, 120, "ten videos in flight")
    installation.start_worker()
    first.send_signal(signal.SIGTERM)
    left_at = time.monotonic()
    first.wait(25)
    assert first.returncode == 0
    assert time.monotonic() - left_at < 20

    assert await installation.all_ended(150) == {"completed": 10}, installation.logs()
    assert len(installation.paid()) == 10


async def test_a_worker_starts_works_and_leaves_while_redis_is_away(
    installation: Installation, own_engines: Engines
) -> None:
    installation.redis_url = own_engines.redis_url
    await own_engines.valkey.kill()
    await installation.submit(["a cat without redis"])
    worker = installation.start_worker()

    assert await installation.all_ended(150) == {"completed": 1}, installation.logs()
    worker.send_signal(signal.SIGTERM)
    worker.wait(25)


async def test_two_workers_keep_a_lanes_cap_together(installation: Installation) -> None:
    installation.settings["LANE_MAX_IN_FLIGHT"] = "5"
    installation.simulator.change(generation_s=1)
    await installation.submit([f"cat {n}" for n in range(30)])
    installation.start_worker()
    installation.start_worker()

    assert await installation.all_ended(150) == {"completed": 30}, installation.logs()
    books = installation.simulator.books()
    assert books["peak_in_flight"] <= 5
    assert len(installation.paid()) == 30
