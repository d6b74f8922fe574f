"""What a worker does when it starts and something is not as it should be."""

import json
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.contract.storage.servers import s3_server
from tests.stack.installation import Installation
from tests.stack.waiting import until

_MB = 1_000_000


def told(installation: Installation, text: str) -> list[dict[str, Any]]:
    """The first worker's lines with that text."""
    lines = installation.log_of("worker-0").splitlines()
    return [line for line in map(json.loads, lines) if text in line["message"]]


async def test_nothing_is_paid_for_until_the_storage_works(installation: Installation) -> None:
    in_the_way = Path(installation.folder) / "videos"
    in_the_way.write_text("a file where the folder should be")
    await installation.submit(["a red fox"])
    installation.start_worker()

    async def named() -> object:
        # By the third line the worker has long looked for what it could start.
        return len(told(installation, "no new video starts")) >= 3

    await until(named, 120, "a line that names the trouble")
    assert installation.paid() == []
    in_the_way.unlink()

    assert await installation.all_ended(within_s=150) == {"completed": 1}, installation.logs()


async def test_little_room_for_transfers_is_told_at_the_start(installation: Installation) -> None:
    installation.settings["MAX_VIDEO_BYTES"] = str(10**15)
    installation.start_worker()

    async def named() -> object:
        return told(installation, "TRANSFER_CONCURRENCY x MAX_VIDEO_BYTES")

    (line,) = await until(named, 120, "a warning")
    assert line["level"] == "warn"


async def test_an_idle_worker_with_a_bucket_stays_light(installation: Installation) -> None:
    with s3_server() as endpoint:
        async with httpx.AsyncClient() as client:
            await client.put(f"{endpoint}/films")
        installation.settings |= {
            "STORAGE_URL": "s3://films/reelwork",
            "S3_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }
        worker = psutil.Process(installation.start_worker().pid)

        async def ready() -> object:
            return told(installation, "the storage works")

        await until(ready, 120, "a check of the storage")
        # The aim is 120; measured 121 to 124 with what only developers install (OpenTelemetry, rich) beside it.
        assert worker.memory_info().rss < 128 * _MB
