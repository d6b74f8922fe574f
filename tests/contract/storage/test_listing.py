"""What every storage promises of its listing."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from storage.base import Storage
from storage.keys import job_prefix, poster_key, video_key

MakeFile = Callable[[bytes], tuple[Path, str]]


async def keys(storage: Storage, prefix: str) -> set[str]:
    return {stored.key async for stored in storage.list(prefix)}


async def test_a_listing_shows_what_starts_with_the_prefix(storage: Storage, make_file: MakeFile) -> None:
    mine, other = uuid4(), uuid4()
    path, sha256 = make_file(b"12345")
    all_keys = {video_key(mine, 1), poster_key(mine, 1), video_key(mine, 11), video_key(other, 1)}
    for key in all_keys:
        await storage.put_file(key, path, "video/mp4", sha256)

    assert await keys(storage, "") == all_keys
    assert await keys(storage, job_prefix(mine)) == all_keys - {video_key(other, 1)}
    assert await keys(storage, f"{mine}/1/") == {video_key(mine, 1), poster_key(mine, 1)}
    assert await keys(storage, f"{mine}/1") == all_keys - {video_key(other, 1)}
    assert await keys(storage, str(other)[:9]) >= {video_key(other, 1)}
    assert await keys(storage, "../") == set()
    assert await keys(storage, f"{uuid4()}/") == set()


async def test_a_listing_tells_size_and_type(storage: Storage, make_file: MakeFile) -> None:
    key = poster_key(uuid4(), 3)
    path, sha256 = make_file(b"12345")
    put = await storage.put_file(key, path, "image/webp", sha256)

    (listed,) = [stored async for stored in storage.list("")]

    assert (listed.key, listed.size, listed.content_type, listed.sha256) == (key, 5, "image/webp", None)
    assert abs((listed.modified_at - put.modified_at).total_seconds()) < 2
