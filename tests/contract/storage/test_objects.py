"""What every storage promises of single objects."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from storage.base import InvalidKey, ObjectMissing, Storage, StorageError
from storage.keys import poster_key, video_key

MakeFile = Callable[[bytes], tuple[Path, str]]
ABOVE_MULTIPART = 17 * 1024 * 1024


async def read(storage: Storage, key: str, start: int = 0, end: int | None = None) -> bytes:
    async with storage.open(key, start, end) as chunks:
        return b"".join([chunk async for chunk in chunks])


async def test_what_was_put_comes_back_byte_for_byte(storage: Storage, make_file: MakeFile) -> None:
    key = video_key(uuid4(), 1)
    path, sha256 = make_file(b"moving pictures" * 1000)

    stored = await storage.put_file(key, path, "video/mp4", sha256)

    assert (stored.key, stored.size, stored.content_type) == (key, 15_000, "video/mp4")
    assert stored.sha256 in {None, sha256}
    assert abs(datetime.now(UTC) - stored.modified_at) < timedelta(minutes=5)
    assert await storage.head(key) == stored
    assert await read(storage, key) == path.read_bytes()


async def test_a_large_file_comes_back_whole(storage: Storage, make_file: MakeFile) -> None:
    key = video_key(uuid4(), 1)
    content = bytes(range(256)) * (ABOVE_MULTIPART // 256) + b"the end"
    path, sha256 = make_file(content)

    stored = await storage.put_file(key, path, "video/mp4", sha256)

    assert stored.size == len(content)
    assert await read(storage, key) == content
    assert await read(storage, key, ABOVE_MULTIPART) == b"the end"


async def test_the_same_bytes_may_be_put_again_from_the_same_file_or_another(
    storage: Storage, make_file: MakeFile
) -> None:
    key = video_key(uuid4(), 2)
    path, sha256 = make_file(b"once")
    twin, _ = make_file(b"once")

    for source in (path, path, twin):
        await storage.put_file(key, source, "video/mp4", sha256)

    assert await read(storage, key) == b"once"
    assert [stored.key async for stored in storage.list("")] == [key]
    assert await storage.sweep(timedelta(0)) == 0


async def test_the_file_that_was_put_may_be_removed_afterwards(storage: Storage, make_file: MakeFile) -> None:
    key = poster_key(uuid4(), 1)
    path, sha256 = make_file(b"picture")
    await storage.put_file(key, path, "image/webp", sha256)

    path.unlink()

    assert await read(storage, key) == b"picture"
    head = await storage.head(key)
    assert head is not None
    assert head.content_type == "image/webp"


async def test_any_part_can_be_read(storage: Storage, make_file: MakeFile) -> None:
    key = video_key(uuid4(), 1)
    path, sha256 = make_file(b"0123456789")
    await storage.put_file(key, path, "video/mp4", sha256)

    assert await read(storage, key, 0, 4) == b"0123"
    assert await read(storage, key, 4) == b"456789"
    assert await read(storage, key, 8, 99) == b"89"
    for start, end in [(3, 3), (0, 0), (10, None), (99, 120)]:
        assert await read(storage, key, start, end) == b""


async def test_a_reader_may_stop_in_the_middle(storage: Storage, make_file: MakeFile) -> None:
    key = video_key(uuid4(), 1)
    path, sha256 = make_file(bytes(2_000_000))
    await storage.put_file(key, path, "video/mp4", sha256)

    async with storage.open(key) as chunks:
        first = await anext(aiter(chunks))

    assert 0 < len(first) < 2_000_000
    assert await read(storage, key, 1_999_999) == b"\0"


async def test_what_is_not_a_range_is_refused(storage: Storage) -> None:
    for start, end in [(-1, None), (5, 4)]:
        with pytest.raises(ValueError, match="range"):
            async with storage.open(video_key(uuid4(), 1), start, end):
                pass


async def test_a_missing_object_shows_as_missing(storage: Storage) -> None:
    key = video_key(uuid4(), 1)

    assert await storage.head(key) is None
    await storage.delete(key)
    for end in (None, 0):
        with pytest.raises(ObjectMissing):
            async with storage.open(key, 0, end):
                pass


async def test_a_deleted_object_is_gone_and_its_neighbour_stays(storage: Storage, make_file: MakeFile) -> None:
    job_id = uuid4()
    path, sha256 = make_file(b"x")
    for key in (video_key(job_id, 1), poster_key(job_id, 1)):
        await storage.put_file(key, path, "video/mp4", sha256)

    await storage.delete(video_key(job_id, 1))
    await storage.delete(video_key(job_id, 1))

    assert await storage.head(video_key(job_id, 1)) is None
    assert await storage.head(poster_key(job_id, 1)) is not None


async def test_a_key_that_is_none_of_ours_reaches_nothing(storage: Storage, make_file: MakeFile) -> None:
    path, sha256 = make_file(b"x")

    for key in ["../../etc/passwd", "/etc/passwd", "", ".incoming", f"{uuid4()}/1/../1/video.mp4"]:
        with pytest.raises(InvalidKey):
            await storage.head(key)
        with pytest.raises(InvalidKey):
            await storage.delete(key)
        with pytest.raises(InvalidKey):
            await storage.put_file(key, path, "video/mp4", sha256)
        with pytest.raises(InvalidKey):
            await storage.signed_url(key, timedelta(hours=1))
        with pytest.raises(InvalidKey):
            async with storage.open(key):
                pass


async def test_a_source_that_is_gone_is_an_error_and_publishes_nothing(storage: Storage, tmp_path: Path) -> None:
    key = video_key(uuid4(), 1)

    with pytest.raises(StorageError) as failure:
        await storage.put_file(key, tmp_path / "gone.mp4", "video/mp4", "0" * 64)

    assert type(failure.value) is StorageError
    assert await storage.head(key) is None
    assert await storage.sweep(timedelta(0)) == 0


async def test_an_empty_file_is_stored_as_such(storage: Storage, make_file: MakeFile) -> None:
    key = video_key(uuid4(), 1)
    path, sha256 = make_file(b"")

    assert (await storage.put_file(key, path, "video/mp4", sha256)).size == 0
    assert await read(storage, key) == b""


async def test_a_check_passes_and_leaves_nothing(storage: Storage) -> None:
    await storage.check()

    assert [stored async for stored in storage.list("")] == []
    assert await storage.sweep(timedelta(0)) == 0


async def test_a_note_is_kept_until_the_next_one_and_is_no_object(storage: Storage) -> None:
    assert await storage.recall("history-1.json") is None

    await storage.remember("history-1.json", "first")
    await storage.remember("history-1.json", "second")
    await storage.sweep(timedelta(0))

    assert await storage.recall("history-1.json") == "second"
    assert [stored async for stored in storage.list("")] == []


@pytest.mark.parametrize("name", ["../escape.json", "a/b.json", "", "video.mp4"])
async def test_a_note_has_a_plain_name(storage: Storage, name: str) -> None:
    with pytest.raises(InvalidKey):
        await storage.remember(name, "text")
