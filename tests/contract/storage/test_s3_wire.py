"""What leaves for an S3 server: only what Amazon, R2, GCS, B2 and MinIO all take."""

import base64
import hashlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from storage.base import StorageError
from storage.keys import video_key
from storage.s3 import S3Storage
from tests.contract.storage.servers import OPTIONS
from tests.contract.storage.wire import Request, Wire, s3_wire

MakeFile = Callable[[bytes], tuple[Path, str]]
KEY = video_key(UUID("0b0e6d5c-7a3b-4c52-9d53-6f2f7c1c9a11"), 1)
PART = 16 * 1024 * 1024


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with s3_wire() as recording:
        yield recording


@pytest.fixture
async def storage(wire: Wire) -> AsyncIterator[S3Storage]:
    made = S3Storage("films", "deep/er", replace(OPTIONS, endpoint_url=wire.endpoint))
    yield made
    await made.close()


def assert_plain(request: Request) -> None:
    text = " ".join([*request.headers, *request.headers.values()]).lower()
    for refused in ("x-amz-checksum", "x-amz-sdk-checksum", "x-amz-trailer", "aws-chunked", "streaming-"):
        assert refused not in text
    assert "transfer-encoding" not in request.headers
    assert "expect" not in request.headers
    assert request.headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=test-id/")
    assert "test-secret" not in text


async def test_a_small_upload_carries_its_md5_and_no_checksum_trailer(
    wire: Wire, storage: S3Storage, make_file: MakeFile
) -> None:
    path, sha256 = make_file(b"moving pictures" * 100_000)

    stored = await storage.put_file(KEY, path, "video/mp4", sha256)

    put, head = wire.requests
    assert_plain(put)
    assert_plain(head)
    assert put.target == f"/films/deep/er/{KEY}"
    assert put.body == path.read_bytes()
    assert put.headers["content-md5"] == base64.b64encode(hashlib.md5(put.body).digest()).decode()
    assert put.headers["content-type"] == "video/mp4"
    assert put.headers["x-amz-meta-sha256"] == sha256 == stored.sha256


async def test_a_large_upload_goes_in_equal_parts_each_with_its_md5(
    wire: Wire, storage: S3Storage, make_file: MakeFile
) -> None:
    path, sha256 = make_file(bytes(range(256)) * (PART // 256) + b"the end")

    await storage.put_file(KEY, path, "video/mp4", sha256)

    for request in wire.requests:
        assert_plain(request)
    parts = sorted(wire.named("PUT"), key=lambda part: part.target)
    assert [len(part.body) for part in parts] == [PART, 7]
    assert b"".join(part.body for part in parts) == path.read_bytes()
    for part in parts:
        assert part.headers["content-md5"] == base64.b64encode(hashlib.md5(part.body).digest()).decode()


async def test_an_upload_of_exactly_16_mb_is_a_single_request(
    wire: Wire, storage: S3Storage, make_file: MakeFile
) -> None:
    path, sha256 = make_file(bytes(PART))

    await storage.put_file(KEY, path, "video/mp4", sha256)

    assert [request.method for request in wire.requests] == ["PUT", "HEAD"]


@pytest.mark.parametrize(
    ("style", "host", "path"),
    [
        ("path", "s3.test", f"/films/{KEY}"),
        ("virtual", "films.s3.test", f"/{KEY}"),
        ("auto", "s3.test", f"/films/{KEY}"),
    ],
)
async def test_the_bucket_stands_where_the_addressing_style_puts_it(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, make_file: MakeFile, style: Any, host: str, path: str
) -> None:
    port = urlsplit(wire.endpoint).port
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _host, *rest, **more: resolve("127.0.0.1", *rest, **more))
    options = replace(OPTIONS, endpoint_url=f"http://s3.test:{port}", addressing_style=style)
    storage = S3Storage("films", "", options)
    source, sha256 = make_file(b"x")

    await storage.put_file(KEY, source, "video/mp4", sha256)
    link = await storage.signed_url(KEY, timedelta(hours=1))
    await storage.close()

    put = wire.requests[0]
    assert (put.headers["host"], put.target) == (f"{host}:{port}", path)
    assert link is not None
    assert (urlsplit(link).netloc, urlsplit(link).path) == (f"{host}:{port}", path)


async def test_at_amazon_the_bucket_is_in_the_host_name_and_the_region_in_the_signature(wire: Wire) -> None:
    storage = S3Storage("films", "", replace(OPTIONS, region="eu-central-1"))

    link = await storage.signed_url(KEY, timedelta(hours=1))
    await storage.close()

    assert link is not None
    assert urlsplit(link).netloc.startswith("films.s3.")
    assert "/eu-central-1/s3/aws4_request" in parse_qs(urlsplit(link).query)["X-Amz-Credential"][0]


async def test_a_link_is_sigv4_and_lives_as_long_as_asked_but_never_more_than_a_week(storage: S3Storage) -> None:
    links = [await storage.signed_url(KEY, ttl) for ttl in (timedelta(hours=24), timedelta(days=30))]

    queries = [parse_qs(urlsplit(link or "").query) for link in links]
    assert [query["X-Amz-Expires"] for query in queries] == [["86400"], ["604800"]]
    assert all(query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"] for query in queries)
    assert not any("checksum" in name.lower() for query in queries for name in query)


async def test_an_answer_that_breaks_off_is_an_error_and_not_an_end(
    wire: Wire, storage: S3Storage, make_file: MakeFile
) -> None:
    path, sha256 = make_file(b"moving pictures" * 100_000)
    await storage.put_file(KEY, path, "video/mp4", sha256)
    wire.cuts_answers = True

    with pytest.raises(StorageError) as failure:
        async with storage.open(KEY) as chunks:
            async for _ in chunks:
                pass

    assert type(failure.value) is StorageError


async def test_an_object_that_is_not_the_one_that_was_put_is_an_error(
    wire: Wire, storage: S3Storage, make_file: MakeFile
) -> None:
    path, sha256 = make_file(b"moving pictures")
    wire.mixes_objects_up = True

    with pytest.raises(StorageError, match="not in storage as it was put"):
        await storage.put_file(KEY, path, "video/mp4", sha256)
