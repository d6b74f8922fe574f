"""A process killed while it copies a video into the folder leaves one temporary name, which the sweep removes."""

import asyncio
import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from storage.keys import video_key
from storage.local import INCOMING, LocalStorage

COPY = """
import asyncio, errno, os, sys
from pathlib import Path
from storage.local import LocalStorage

def refuse(*_):
    raise OSError(errno.EXDEV, "another disk")

os.link = refuse
root, key, path = sys.argv[1:]
asyncio.run(LocalStorage(Path(root)).put_file(key, Path(path), "video/mp4", ""))
"""


@pytest.fixture
def endless(tmp_path: Path) -> Path:
    """A source that gives what is written to it, and never ends."""
    path = tmp_path / "download.mp4"
    os.mkfifo(path)
    return path


async def test_a_killed_copy_is_never_seen_and_is_swept(tmp_path: Path, endless: Path) -> None:
    root, key = tmp_path / "videos", video_key(uuid4(), 1)
    copier = await asyncio.create_subprocess_exec(sys.executable, "-c", COPY, str(root), key, str(endless))
    descriptor = os.open(endless, os.O_RDWR)
    os.write(descriptor, b"half of it")
    await asyncio.to_thread(wait_for_bytes, root / INCOMING)

    copier.kill()
    await copier.wait()
    os.close(descriptor)
    storage = LocalStorage(root)

    assert await storage.head(key) is None
    assert await storage.sweep(timedelta(hours=1)) == 0
    assert await storage.sweep(timedelta(seconds=-1)) == 1
    assert await storage.sweep(timedelta(seconds=-1)) == 0
    await storage.close()


def wait_for_bytes(incoming: Path) -> None:
    deadline = time.monotonic() + 30
    while not any(path.stat().st_size for path in incoming.glob("*.part")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
