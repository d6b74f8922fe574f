"""Uploads that are cut, held up, cancelled or killed leave nothing half-written and no parts behind."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from storage.base import StorageError
from storage.keys import video_key
from tests.contract.storage.servers import OPTIONS, Bucket, gate

MakeFile = Callable[[bytes], tuple[Path, str]]
TWO_PARTS = bytes(20 * 1024 * 1024)
FOUR_MB = 4 * 1024 * 1024
SINCE_BEFORE_2010 = timedelta(days=365 * 30)
"""The server dates every unfinished upload to 2010."""

UPLOADER = """
import asyncio, sys
from pathlib import Path
from storage.options import S3Options
from storage.s3 import S3Storage

async def main(bucket, endpoint, key, path):
    options = S3Options(endpoint, region="us-east-1", access_key_id="test-id", secret_access_key="test-secret")
    await S3Storage(bucket, "deep/er", options).put_file(key, Path(path), "video/mp4", "0" * 64)

asyncio.run(main(*sys.argv[1:]))
"""


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(120):
        while not await condition():
            await asyncio.sleep(0.05)


async def has_unfinished(bucket: Bucket) -> bool:
    return bool(await bucket.unfinished())


async def test_an_upload_that_is_cut_is_aborted_and_publishes_nothing(
    bucket: Bucket, s3_endpoint: str, make_file: MakeFile
) -> None:
    key = video_key(uuid4(), 1)
    path, sha256 = make_file(TWO_PARTS)

    async with gate(s3_endpoint, FOUR_MB, cuts=True) as way, bucket.storage(way.endpoint) as storage:
        with pytest.raises(StorageError) as failure:
            await storage.put_file(key, path, "video/mp4", sha256)
        assert await storage.head(key) is None

    assert type(failure.value) is StorageError
    assert await bucket.unfinished() == []


async def test_a_cancelled_upload_is_aborted_at_once(bucket: Bucket, s3_endpoint: str, make_file: MakeFile) -> None:
    path, sha256 = make_file(TWO_PARTS)

    async with gate(s3_endpoint, FOUR_MB) as way, bucket.storage(way.endpoint) as storage:
        putting = asyncio.ensure_future(storage.put_file(video_key(uuid4(), 1), path, "video/mp4", sha256))
        await until(lambda: has_unfinished(bucket))
        putting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await putting

    assert await bucket.unfinished() == []


async def test_what_a_killed_upload_left_is_swept_unless_it_is_wanted_or_young(
    bucket: Bucket, s3_endpoint: str, make_file: MakeFile
) -> None:
    key = video_key(uuid4(), 1)
    path, _ = make_file(TWO_PARTS)
    async with gate(s3_endpoint, FOUR_MB) as way:
        arguments = [bucket.name, way.endpoint, key, str(path)]
        uploader = await asyncio.create_subprocess_exec(sys.executable, "-c", UPLOADER, *arguments)
        await until(lambda: has_unfinished(bucket))
        uploader.kill()
        await uploader.wait()

    async def wanted(asked: str) -> bool:
        return asked == key

    async with bucket.storage() as storage:
        assert await storage.sweep(SINCE_BEFORE_2010) == 0
        assert await storage.sweep(timedelta(0), keep=wanted) == 0
        assert await bucket.unfinished() == [f"deep/er/{key}"]
        assert await storage.sweep(timedelta(0)) == 1
        assert await storage.head(key) is None
    assert await bucket.unfinished() == []


async def test_a_sweep_leaves_other_peoples_uploads_and_objects_alone(bucket: Bucket) -> None:
    foreign = ["deep/er/notes.txt", f"elsewhere/{video_key(uuid4(), 1)}", "deep/er/.checks"]

    async with bucket.client() as client, bucket.storage() as storage:
        for name in foreign:
            await client.create_multipart_upload(Bucket=bucket.name, Key=name)
            await client.put_object(Bucket=bucket.name, Key=name, Body=b"x")
        await client.put_object(Bucket=bucket.name, Key="deep/er/.check/left-by-a-kill", Body=b"x")
        swept = await storage.sweep(timedelta(0))
        listed = await client.list_objects_v2(Bucket=bucket.name)
        shown = [stored async for stored in storage.list("")]

    assert (swept, shown) == (1, [])
    assert sorted(found["Key"] for found in listed["Contents"]) == sorted(foreign)
    assert sorted(await bucket.unfinished()) == sorted(foreign)


async def test_a_server_that_is_away_is_an_error_to_try_again(make_file: MakeFile) -> None:
    path, sha256 = make_file(b"x")

    async with Bucket("films", OPTIONS).storage("http://127.0.0.1:9") as storage:
        with pytest.raises(StorageError) as failure:
            await storage.put_file(video_key(uuid4(), 1), path, "video/mp4", sha256)

    assert type(failure.value) is StorageError
