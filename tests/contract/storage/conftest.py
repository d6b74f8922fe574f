"""Each storage kind in a fresh place of its own."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from storage.base import Storage
from storage.local import LocalStorage
from tests.contract.storage.servers import Bucket, fresh_bucket, s3_server

MakeFile = Callable[[bytes], tuple[Path, str]]


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture
async def bucket(s3_endpoint: str) -> Bucket:
    return await fresh_bucket(s3_endpoint)


@pytest.fixture(params=["folder", "s3"])
async def storage(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Storage]:
    if request.param == "folder":
        made = LocalStorage(tmp_path / "videos")
        yield made
        await made.close()
        return
    bucket = await fresh_bucket(request.getfixturevalue("s3_endpoint"))
    async with bucket.storage() as in_bucket:
        yield in_bucket


@pytest.fixture
def make_file(tmp_path: Path) -> MakeFile:
    """Writes bytes to a new file; gives its path and their SHA-256 in hex."""
    folder = tmp_path / "downloads"
    folder.mkdir()

    def make(content: bytes) -> tuple[Path, str]:
        path = folder / f"{len(list(folder.iterdir()))}.mp4"
        path.write_bytes(content)
        return path, hashlib.sha256(content).hexdigest()

    return make
