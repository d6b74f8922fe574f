"""Videos in a bucket of Amazon S3 or any server that speaks its API, below one prefix."""

import hmac
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from storage.base import Keep, ObjectMissing, StorageDenied, StorageError, StoredObject, check_range
from storage.file_window import OpenFile
from storage.keys import is_key, note_name, parse
from storage.options import S3Options
from storage.s3_client import S3Client
from storage.s3_errors import BEYOND_THE_END, MISSING, code_of, mapped
from storage.s3_sweep import abort_upload, sweep_checks, unfinished_uploads
from storage.s3_upload import Target, upload

CHUNK_BYTES = 256 * 1024
MAX_LINK_TTL = timedelta(days=7)
"""SigV4 signs no link for longer."""

CHECK = ".check/"
"""Below the prefix, where `check` writes and removes its small objects."""


class S3Storage:
    """The storage of `s3://bucket/prefix`; `prefix` comes without slashes around it. Opens its client when first used.

    `check` at start-up makes the client, which blocks the loop for some 100 ms; later calls do not.
    """

    def __init__(self, bucket: str, prefix: str, options: S3Options) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._client = S3Client(options)

    async def put_file(self, key: str, path: Path, content_type: str, sha256: str) -> StoredObject:
        target = Target(self._bucket, self._name(key), content_type, sha256)
        with _opened(path) as file, mapped():
            await upload(await self._client.get(), target, file)
        stored = await self.head(key)
        if stored is None or stored.size != file.size or not hmac.compare_digest(stored.sha256 or "", sha256):
            raise StorageError(f"{key} is not in storage as it was put")
        return stored

    async def head(self, key: str) -> StoredObject | None:
        name = self._name(key)
        with mapped():
            client = await self._client.get()
            try:
                answer = await client.head_object(Bucket=self._bucket, Key=name)
            except ClientError as error:
                if code_of(error) in MISSING:
                    return None
                raise
        sha256 = answer.get("Metadata", {}).get("sha256")
        return StoredObject(key, answer["ContentLength"], answer["ContentType"], sha256, answer["LastModified"])

    @asynccontextmanager
    async def open(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[AsyncIterator[bytes]]:
        check_range(start, end)
        body = await self._body(key, start, end)
        try:
            yield _chunks(body)
        finally:
            if body is not None:
                body.close()

    async def delete(self, key: str) -> None:
        name = self._name(key)
        with mapped():
            client = await self._client.get()
            await client.delete_object(Bucket=self._bucket, Key=name)

    async def list(self, prefix: str) -> AsyncIterator[StoredObject]:
        with mapped():
            client = await self._client.get()
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix + prefix)
            async for page in pages:
                for found in page.get("Contents", []):
                    key = found["Key"].removeprefix(self._prefix)
                    if is_key(key):
                        modified_at = found["LastModified"]
                        yield StoredObject(key, found["Size"], parse(key).content_type, None, modified_at)

    async def sweep(self, older_than: timedelta, keep: Keep | None = None) -> int:
        before = datetime.now(UTC) - older_than
        with mapped():
            client = await self._client.get()
            swept = await sweep_checks(client, self._bucket, self._prefix + CHECK, before)
            uploads = await unfinished_uploads(client, self._bucket, self._prefix, before)
        for key, upload_id in uploads:
            # Asked outside `mapped`: what `keep` raises is its caller's.
            if keep is None or not await keep(key):
                with mapped():
                    await abort_upload(client, self._bucket, self._prefix + key, upload_id)
                swept += 1
        return swept

    async def signed_url(self, key: str, ttl: timedelta) -> str | None:
        place = {"Bucket": self._bucket, "Key": self._name(key)}
        seconds = max(1, int(min(ttl, MAX_LINK_TTL).total_seconds()))
        with mapped():
            client = await self._client.get()
            return str(await client.generate_presigned_url("get_object", Params=place, ExpiresIn=seconds))

    async def remember(self, name: str, text: str) -> None:
        place = {"Bucket": self._bucket, "Key": self._prefix + note_name(name)}
        with mapped():
            client = await self._client.get()
            await client.put_object(**place, Body=text.encode(), ContentType="application/json")

    async def recall(self, name: str) -> str | None:
        place = {"Bucket": self._bucket, "Key": self._prefix + note_name(name)}
        with mapped():
            client = await self._client.get()
            try:
                answer = await client.get_object(**place)
            except ClientError as error:
                if code_of(error) in MISSING:
                    return None
                raise
            return str((await answer["Body"].read()).decode())

    async def check(self) -> None:
        written = uuid4().hex
        place = {"Bucket": self._bucket, "Key": f"{self._prefix}{CHECK}{written}"}
        with mapped():
            client = await self._client.get()
            await client.put_object(**place, Body=written.encode())
            try:
                answer = await client.get_object(**place)
                read = await answer["Body"].read()
            finally:
                await client.delete_object(**place)
        if read != written.encode():
            raise StorageError("an object read back differently from the bucket: check S3_ENDPOINT_URL")
        await self._check_that_absence_shows(place)

    async def close(self) -> None:
        with mapped():
            await self._client.close()

    def _name(self, key: str) -> str:
        parse(key)
        return self._prefix + key

    async def _check_that_absence_shows(self, place: dict[str, str]) -> None:
        with mapped():
            client = await self._client.get()
            try:
                await client.head_object(**place)
            except ClientError as error:
                if code_of(error) in MISSING:
                    return
                # Without the right to list, Amazon hides whether an object exists behind a refusal.
                raise StorageDenied("the credentials may not list the bucket: grant s3:ListBucket") from None
        raise StorageError("a removed object still shows: the server is not consistent enough")

    async def _body(self, key: str, start: int, end: int | None) -> Any:
        """The body of the server's answer; None where the range holds no byte of the object."""
        if start == end:
            if await self.head(key) is None:
                raise ObjectMissing(key)
            return None
        wanted = {} if start == 0 and end is None else {"Range": f"bytes={start}-{'' if end is None else end - 1}"}
        name = self._name(key)
        with mapped():
            client = await self._client.get()
            try:
                answer = await client.get_object(Bucket=self._bucket, Key=name, **wanted)
            except ClientError as error:
                if code_of(error) in BEYOND_THE_END:
                    return None
                raise
        return answer["Body"]


@contextmanager
def _opened(path: Path) -> Iterator[OpenFile]:
    try:
        file = OpenFile(path)
    except OSError as error:
        raise StorageError(f"the file to store cannot be read: {error.strerror}") from error
    with file:
        yield file


async def _chunks(body: Any) -> AsyncIterator[bytes]:
    if body is None:
        return
    with mapped():
        async for chunk in body.iter_chunks(CHUNK_BYTES):
            yield chunk
