"""What of ours a killed process may leave in a bucket: unfinished multipart uploads and the objects of a check."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from storage.base import Keep
from storage.keys import is_key
from storage.s3_errors import NOT_IMPLEMENTED, UPLOAD_GONE, code_of


async def sweep_uploads(client: Any, bucket: str, prefix: str, before: datetime, keep: Keep | None) -> int:
    """Abort unfinished uploads of our keys, begun before that time, that `keep` does not want; returns how many.

    Raises what botocore raises. A server that cannot list them counts as having none.
    """
    swept = 0
    async for key, upload_id in _unfinished(client, bucket, prefix, before):
        if keep is None or not await keep(key):
            await _abort(client, {"Bucket": bucket, "Key": prefix + key, "UploadId": upload_id})
            swept += 1
    return swept


async def sweep_checks(client: Any, bucket: str, prefix: str, before: datetime) -> int:
    """Remove objects below `prefix` from before that time; returns how many. Raises what botocore raises."""
    swept = 0
    async for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for found in page.get("Contents", []):
            if found["LastModified"] < before:
                await client.delete_object(Bucket=bucket, Key=found["Key"])
                swept += 1
    return swept


async def _unfinished(client: Any, bucket: str, prefix: str, before: datetime) -> AsyncIterator[tuple[str, str]]:
    pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix)
    try:
        async for page in pages:
            for found in page.get("Uploads", []):
                key = found["Key"].removeprefix(prefix)
                if is_key(key) and found["Initiated"] < before:
                    yield key, found["UploadId"]
    except ClientError as error:
        if code_of(error) not in NOT_IMPLEMENTED:
            raise


async def _abort(client: Any, upload: dict[str, str]) -> None:
    try:
        await client.abort_multipart_upload(**upload)
    except ClientError as error:
        if code_of(error) != UPLOAD_GONE:
            raise
