"""What a folder does that a bucket does not: temporary names, links, full and forbidden disks."""

import asyncio
import errno
import filecmp
import os
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from storage import folder_publish
from storage.base import StorageDenied, StorageError, StorageFull
from storage.keys import poster_key, video_key
from storage.local import INCOMING, LocalStorage

HOUR = timedelta(hours=1)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "videos"


@pytest.fixture
async def storage(root: Path) -> AsyncIterator[LocalStorage]:
    storage = LocalStorage(root)
    yield storage
    await storage.close()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "download.mp4"
    path.write_bytes(b"moving pictures" * 200_000)
    return path


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """The download lies on another disk than the storage."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "link", refuse)


def everything(root: Path) -> list[Path]:
    return sorted(root.rglob("*"))


def files(root: Path) -> list[Path]:
    return [path for path in everything(root) if path.is_file()]


async def test_a_stored_video_is_a_plain_file_under_its_key(storage: LocalStorage, root: Path, source: Path) -> None:
    key = video_key(uuid4(), 1)

    await storage.put_file(key, source, "video/mp4", "")

    assert files(root) == [root / key]
    assert (root / key).samefile(source)


@pytest.mark.usefixtures("no_links")
async def test_a_download_on_another_disk_is_copied(storage: LocalStorage, root: Path, source: Path) -> None:
    key = video_key(uuid4(), 1)

    for _ in range(2):
        await storage.put_file(key, source, "video/mp4", "")

    assert files(root) == [root / key]
    assert not (root / key).samefile(source)
    assert filecmp.cmp(root / key, source, shallow=False)


def test_the_folder_says_who_may_read_not_the_download(root: Path, source: Path) -> None:
    incoming, final = root / INCOMING, root / video_key(uuid4(), 1)
    incoming.mkdir(parents=True)
    incoming.chmod(0o755)
    source.chmod(0o600)

    folder_publish.publish(source, final, incoming, threading.Event())

    assert final.stat().st_mode & 0o777 == 0o644


@pytest.mark.usefixtures("no_links")
async def test_a_full_disk_is_told_and_leaves_nothing_half_written(
    storage: LocalStorage, root: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    left = [1_500_000]

    def write_until_full(descriptor: int, chunk: memoryview) -> int:
        if left[0] <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        count = write(descriptor, chunk[: left[0]])
        left[0] -= count
        return count

    monkeypatch.setattr(os, "write", write_until_full)

    with pytest.raises(StorageFull):
        await storage.put_file(video_key(uuid4(), 1), source, "video/mp4", "")

    assert files(root) == []


async def test_a_forbidden_folder_is_told_with_what_to_do(tmp_path: Path, source: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    storage = LocalStorage(closed / "videos")
    user = os.geteuid()
    closed.chmod(0o500)
    if user == 0:
        os.seteuid(65534)
    try:
        with pytest.raises(StorageDenied, match=r"write access to .*videos.*STORAGE_URL"):
            await storage.check()
        with pytest.raises(StorageDenied):
            await storage.put_file(video_key(uuid4(), 1), source, "video/mp4", "")
    finally:
        os.seteuid(user)
        closed.chmod(0o700)
        await storage.close()


async def test_a_folder_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "videos").write_text("not a folder")
    storage = LocalStorage(tmp_path / "videos")

    with pytest.raises(StorageError, match="STORAGE_URL"):
        await storage.check()
    await storage.close()


async def test_deleting_the_last_file_of_a_job_removes_its_folders(
    storage: LocalStorage, root: Path, source: Path
) -> None:
    job_id = uuid4()
    for key in (video_key(job_id, 1), poster_key(job_id, 1)):
        await storage.put_file(key, source, "video/mp4", "")

    await storage.delete(video_key(job_id, 1))
    assert (root / str(job_id)).is_dir()
    await storage.delete(poster_key(job_id, 1))

    assert everything(root) == [root / INCOMING]


async def test_putting_and_deleting_at_once_neither_fail_nor_lose_the_last_put(
    storage: LocalStorage, source: Path
) -> None:
    job_id = uuid4()
    key, neighbour = video_key(job_id, 1), poster_key(job_id, 1)

    async def put_and_delete(name: str) -> None:
        for _ in range(25):
            await storage.put_file(name, source, "video/mp4", "")
            await storage.delete(name)

    await asyncio.gather(put_and_delete(key), put_and_delete(neighbour))
    await storage.put_file(key, source, "video/mp4", "")

    assert [stored.key async for stored in storage.list("")] == [key]


async def test_a_sweep_removes_old_temporary_names_of_ours_and_nothing_else(root: Path, source: Path) -> None:
    incoming = root / INCOMING
    incoming.mkdir(parents=True)
    ours = incoming / f"{uuid4().hex}.part"
    others = [incoming / "notes.txt", incoming / "x.part", root / f"{uuid4().hex}.part"]
    for path in (ours, *others):
        path.write_bytes(b"x")
    touched_at = max(ours.stat().st_mtime, ours.stat().st_ctime)
    young = LocalStorage(root, now=lambda: touched_at + 3599)
    old = LocalStorage(root, now=lambda: touched_at + 3601)

    swept = [await young.sweep(HOUR), await old.sweep(HOUR), await old.sweep(HOUR)]
    await young.close()
    await old.close()

    assert swept == [0, 1, 0]
    assert files(root) == sorted(others)


async def test_a_sweep_spares_a_file_that_is_being_published_from_an_old_download(root: Path, source: Path) -> None:
    os.utime(source, (1_000_000_000, 1_000_000_000))
    (root / INCOMING).mkdir(parents=True)
    os.link(source, root / INCOMING / f"{uuid4().hex}.part")
    storage = LocalStorage(root)

    assert await storage.sweep(HOUR) == 0
    await storage.close()


async def test_a_folder_that_does_not_exist_yet_is_empty(storage: LocalStorage) -> None:
    assert [stored async for stored in storage.list("")] == []
    assert await storage.sweep(timedelta(0)) == 0


@pytest.mark.usefixtures("no_links")
async def test_a_cancelled_put_publishes_nothing_later(
    storage: LocalStorage, root: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    write = os.write

    def write_slowly(descriptor: int, chunk: memoryview) -> int:
        begun.set()
        go_on.wait(30)
        return write(descriptor, chunk)

    monkeypatch.setattr(os, "write", write_slowly)
    putting = asyncio.ensure_future(storage.put_file(video_key(uuid4(), 1), source, "video/mp4", ""))
    await asyncio.to_thread(begun.wait, 30)

    putting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await putting
    go_on.set()
    await storage.close()

    assert files(root) == []


def test_a_download_that_changes_while_it_is_copied_is_not_published(
    root: Path, source: Path, monkeypatch: pytest.MonkeyPatch, no_links: None
) -> None:
    write = os.write

    def write_and_grow(descriptor: int, chunk: memoryview) -> int:
        os.truncate(source, 10)
        return write(descriptor, chunk)

    monkeypatch.setattr(os, "write", write_and_grow)

    with pytest.raises(OSError, match="changed"):
        folder_publish.publish(source, root / video_key(uuid4(), 1), root / INCOMING, threading.Event())

    assert files(root) == []
