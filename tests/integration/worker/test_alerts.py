"""The death of the only worker reaches an operator without any Prometheus, and so does the end of that."""

import httpx

from tests.stack.installation import Installation
from tests.stack.receiver import receiving
from tests.stack.waiting import until


async def test_the_death_of_the_only_worker_is_told_and_so_is_its_successor(installation: Installation) -> None:
    with receiving() as receiver:
        installation.settings |= {
            "ALERT_WEBHOOK_URL": receiver.url,
            "LEASE_SECONDS": "4",
            "HEARTBEAT_SECONDS": "1",
        }
        await installation.pool.execute("UPDATE reelwork.installation SET created_at = now() - interval '1 day'")
        worker = installation.start_worker()
        url = installation.start_web()

        async def healthy() -> bool:
            return await health(url) == 200

        async def told(start: str) -> object:
            return [text for text in receiver.texts if text.startswith(start) and "No worker lives" in text]

        await until(healthy, 120, "a worker and an API")
        worker.kill()
        await until(lambda: told("Reelwork:"), 90, "the alert")
        assert await health(url) == 503
        installation.start_worker()
        await until(lambda: told("Over:"), 90, "the end of the alert")

    assert len(await told("Reelwork:")) == len(await told("Over:")) == 1, receiver.texts


async def health(url: str) -> int:
    """The status of the health page; 0 where nothing answers yet."""
    try:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"{url}/api/health/worker", timeout=10)).status_code
    except httpx.TransportError:
        return 0
