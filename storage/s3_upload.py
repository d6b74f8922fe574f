"""Uploads to S3, whole or in parts, streamed from the file; a failed one leaves no parts behind."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Any

from botocore.exceptions import ClientError

from storage.base import StorageError
from storage.file_window import FileWindow, OpenFile
from storage.s3_errors import UPLOAD_GONE, code_of, mapped

MULTIPART_ABOVE_BYTES = 16 * 1024 * 1024
PART_BYTES = 16 * 1024 * 1024

_MAX_PARTS = 10_000
_PARTS_AT_ONCE = 3
_ABORT_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Target:
    """Where an upload goes and what it says of itself. `name` is the full name in the bucket."""

    bucket: str
    name: str
    content_type: str
    sha256: str

    @property
    def place(self) -> dict[str, str]:
        return {"Bucket": self.bucket, "Key": self.name}

    @property
    def label(self) -> dict[str, Any]:
        return {"ContentType": self.content_type, "Metadata": {"sha256": self.sha256}}


async def upload(client: Any, target: Target, file: OpenFile) -> None:
    """Store the file under the target's name. Raises what botocore raises."""
    if file.size <= MULTIPART_ABOVE_BYTES:
        window = file.window(0, file.size)
        md5 = await asyncio.to_thread(window.md5)
        await client.put_object(**target.place, **target.label, Body=window, ContentMD5=md5)
    else:
        await _upload_in_parts(client, target, file)


def part_windows(file: OpenFile) -> list[FileWindow]:
    """The file cut into equal parts, the last one shorter; never more of them than S3 takes."""
    part_bytes = max(PART_BYTES, ceil(file.size / _MAX_PARTS))
    return [file.window(start, part_bytes) for start in range(0, file.size, part_bytes)]


async def _upload_in_parts(client: Any, target: Target, file: OpenFile) -> None:
    created = await client.create_multipart_upload(**target.place, **target.label)
    upload_id = created["UploadId"]
    try:
        parts = await _send_parts(client, target, upload_id, part_windows(file))
        await _complete(client, target, upload_id, parts)
    except BaseException:
        await _abort(client, target, upload_id)
        raise


async def _send_parts(client: Any, target: Target, upload_id: str, windows: list[FileWindow]) -> list[dict[str, Any]]:
    room = asyncio.Semaphore(_PARTS_AT_ONCE)

    async def send(number: int, window: FileWindow) -> dict[str, Any]:
        async with room:
            md5 = await asyncio.to_thread(window.md5)
            answer = await client.upload_part(
                **target.place, UploadId=upload_id, PartNumber=number, Body=window, ContentMD5=md5
            )
        return {"PartNumber": number, "ETag": answer["ETag"]}

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(send(number, window)) for number, window in enumerate(windows, start=1)]
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


async def _complete(client: Any, target: Target, upload_id: str, parts: list[dict[str, Any]]) -> None:
    try:
        await client.complete_multipart_upload(**target.place, UploadId=upload_id, MultipartUpload={"Parts": parts})
    except ClientError as error:
        # A repeated call after a lost answer: the caller's look at the object tells whether it was completed.
        if code_of(error) != UPLOAD_GONE:
            raise


async def _abort(client: Any, target: Target, upload_id: str) -> None:
    """Best effort, also while cancelled; what is left the sweep finds."""
    with suppress(StorageError), mapped():
        async with asyncio.timeout(_ABORT_TIMEOUT_S):
            await client.abort_multipart_upload(**target.place, UploadId=upload_id)
