"""Large videos pass through a process without staying in its memory."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.contract.storage.wire import s3_wire

GB = 1 << 30
ALLOWED_GROWTH_BYTES = 30 * 1024 * 1024

PUT = """
import asyncio, errno, json, os, sys
from pathlib import Path
from uuid import uuid4
import psutil
from storage.keys import video_key
from storage.open import open_storage
from storage.options import S3Options

def refuse(*_):
    raise OSError(errno.EXDEV, "another disk")

def peak():
    import resource
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)

async def main(url, endpoint, path):
    os.link = refuse
    options = S3Options(endpoint or None, region="us-east-1", access_key_id="id", secret_access_key="secret")
    storage = open_storage(url, options)
    await storage.check()
    before = peak()
    stored = await storage.put_file(video_key(uuid4(), 1), Path(path), "video/mp4", "0" * 64)
    read = 0
    async with storage.open(stored.key) as chunks:
        async for chunk in chunks:
            read += len(chunk)
    await storage.close()
    print(json.dumps({"before": before, "grown": peak() - before, "size": stored.size, "read": read}))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def video(tmp_path: Path) -> Path:
    """A quarter of a GB that takes no room on disk."""
    path = tmp_path / "video.mp4"
    with path.open("wb") as file:
        file.truncate(GB // 4)
    return path


@pytest.fixture
async def sink_endpoint() -> AsyncIterator[str]:
    async with s3_wire(keeps_bodies=False) as wire:
        yield wire.endpoint


async def put_in_a_process(url: str, endpoint: str, path: Path) -> dict[str, int]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PUT, url, endpoint, str(path), stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await asyncio.wait_for(process.communicate(), timeout=150)
    assert process.returncode == 0
    result: dict[str, int] = json.loads(answer)
    return result


async def test_memory_stays_flat_while_a_large_file_is_copied_into_the_folder(tmp_path: Path, video: Path) -> None:
    result = await put_in_a_process((tmp_path / "videos").as_uri(), "", video)

    assert result["size"] == result["read"] == GB // 4
    assert result["grown"] < ALLOWED_GROWTH_BYTES


async def test_memory_stays_flat_while_a_large_file_goes_to_a_bucket(sink_endpoint: str, video: Path) -> None:
    result = await put_in_a_process("s3://films/deep/er", sink_endpoint, video)

    assert result["size"] == result["read"] == GB // 4
    assert result["grown"] < ALLOWED_GROWTH_BYTES
