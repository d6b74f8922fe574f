"""A lane's rate and cap hold at the provider whatever the number of processes, and they are used."""

import asyncio
from collections.abc import Sequence

import httpx

from reelwork.simulator.sweep import most_within
from tests.stack.installation import ADMIN_KEY, Installation
from tests.stack.waiting import until

_JOBS = 400
_RATE = 1000
_CAP = 50
_STARTS = 100
_STAMPED_S = 6.1
_SEEN_S = 5.5
_AT_ONCE = 8

_STAMPS = """
SELECT extract(epoch FROM intent_at)::float AS stamped_at, provider_id FROM reelwork.submissions
WHERE counted ORDER BY intent_at
"""


async def test_four_apis_and_four_workers_keep_one_lanes_rate_and_cap_and_use_them(installation: Installation) -> None:
    installation.settings |= {"LANE_RATE_PER_MINUTE": str(_RATE), "LANE_MAX_IN_FLIGHT": str(_CAP)}
    installation.simulator.change(generation_s=2, queue_s=0)
    apis = [installation.start_web() for _ in range(4)]
    for _ in range(4):
        installation.start_worker()
    await _all_ready(installation, apis)

    await _create(apis, [f"cat {n}" for n in range(_JOBS)])
    states = await installation.all_ended(within_s=200)

    books = installation.simulator.books()
    arrivals = sorted(books["arrivals"])
    stamps = [row["stamped_at"] for row in await installation.pool.fetch(_STAMPS)]
    assert states == {"completed": _JOBS}, installation.logs()
    assert (len(arrivals), books["duplicates"]) == (_JOBS, [])
    assert books["peak_in_flight"] <= _CAP
    assert most_within(stamps, _STAMPED_S) <= _STARTS
    # A busy machine lets the simulator look at a request some tenths of a second after it came.
    assert most_within(arrivals, _SEEN_S) <= _STARTS, books["most_arrived_within"]
    # The rate allows the 301st start 18 s after the first one, the span that it is counted over lets it start after
    # 18.6. A machine that is busy elsewhere may take twice as long; what waits for a lost wake-up takes far longer.
    assert arrivals[3 * _STARTS] - arrivals[0] < 18 * 4


async def _all_ready(installation: Installation, apis: Sequence[str]) -> None:
    async with httpx.AsyncClient() as client:

        async def ready() -> bool:
            if await installation.pool.fetchval("SELECT count(*) FROM reelwork.workers") < len(apis):
                return False
            answers = await asyncio.gather(*(client.get(f"{url}/readyz") for url in apis), return_exceptions=True)
            return all(isinstance(one, httpx.Response) and one.status_code == 200 for one in answers)

        await until(ready, 120, "four APIs and four workers")


async def _create(apis: Sequence[str], prompts: Sequence[str]) -> None:
    """Ask the APIs in turn, a few at once; one that is too busy is asked again."""
    turns = asyncio.Semaphore(_AT_ONCE)
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {ADMIN_KEY}"}, timeout=60) as client:

        async def one(url: str, prompt: str) -> None:
            body = {"storyboardId": "story", "provider": "sora", "model": "sora-2", "prompt": prompt, "scene": prompt}

            async def accepted() -> bool:
                answer = await client.post(
                    f"{url}/api/video/generate", json=body, headers={"Idempotency-Key": prompt.replace(" ", "-")}
                )
                assert answer.status_code in (202, 409, 503), answer.text
                return answer.status_code == 202

            async with turns:
                await until(accepted, 60, "a create's answer")

        await asyncio.gather(*(one(apis[n % len(apis)], prompt) for n, prompt in enumerate(prompts)))
