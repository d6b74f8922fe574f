"""STORAGE_URL names a folder or a bucket, or the process is told what to write."""

import subprocess
import sys
from pathlib import Path

import pytest

from storage.local import LocalStorage
from storage.open import BadStorageUrl, open_storage
from storage.options import S3Options
from storage.s3 import S3Storage


async def test_a_file_url_opens_that_folder(tmp_path: Path) -> None:
    folder = tmp_path / "my videos"
    storage = open_storage(folder.as_uri())

    await storage.check()
    await storage.close()

    assert isinstance(storage, LocalStorage)
    assert folder.is_dir()


def test_opening_writes_nothing(tmp_path: Path) -> None:
    open_storage((tmp_path / "videos").as_uri())

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["s3://films", "s3://films/", "s3://films/deep/er/"])
def test_an_s3_url_opens_that_bucket(url: str) -> None:
    assert isinstance(open_storage(url, S3Options()), S3Storage)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "file:///absolute/folder or s3://bucket/prefix"),
        ("/srv/videos", "file:///absolute/folder or s3://bucket/prefix"),
        ("https://films.example", "file:///absolute/folder or s3://bucket/prefix"),
        ("vercel-blob:store", "vercel-blob: is not supported yet"),
        ("file://videos", "three slashes"),
        ("file:///", "three slashes"),
        ("file:relative", "three slashes"),
        ("s3://", "s3://bucket/prefix"),
        ("s3:///prefix", "s3://bucket/prefix"),
        ("s3://films/a//b", "no empty part"),
        ("s3://films/../other", "no empty part"),
        ("s3://films/%2e%2e/other", "no empty part"),
        ("s3://films?region=x", "s3://bucket/prefix"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(url: str, said: str) -> None:
    with pytest.raises(BadStorageUrl, match="STORAGE_URL") as refusal:
        open_storage(url)

    assert said in str(refusal.value)


def test_a_refusal_never_repeats_a_secret() -> None:
    with pytest.raises(BadStorageUrl) as refusal:
        open_storage("s3://AKIDEXAMPLE:topsecret@films/prefix")

    assert "topsecret" not in str(refusal.value)
    assert "topsecret" not in repr(S3Options(secret_access_key="topsecret", session_token="topsecret"))


def test_a_process_with_a_local_folder_never_imports_boto(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys\n"
        "from storage.open import open_storage\n"
        "from storage.options import S3Options\n"
        f"storage = open_storage({(tmp_path / 'videos').as_uri()!r}, S3Options())\n"
        "asyncio.run(storage.check())\n"
        "sys.exit(any(name in sys.modules for name in ('boto3', 'botocore', 'aioboto3', 'aiohttp')))\n"
    )

    assert subprocess.run([sys.executable, "-c", script], timeout=60, check=False).returncode == 0
