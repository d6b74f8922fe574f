"""What of ours a killed process may leave in a bucket: unfinished multipart uploads and the objects of a check.

All functions raise what botocore raises.
"""

from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from storage.keys import is_key
from storage.s3_errors import NOT_IMPLEMENTED, UPLOAD_GONE, code_of


async def unfinished_uploads(client: Any, bucket: str, prefix: str, before: datetime) -> list[tuple[str, str]]:
    """Our keys, each with the id of an upload begun before that time; none where the server cannot list them."""
    pages = client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket, Prefix=prefix)
    try:
        uploads = [upload async for page in pages for upload in page.get("Uploads", [])]
    except ClientError as error:
        if code_of(error) not in NOT_IMPLEMENTED:
            raise
        return []
    found = [(upload["Key"].removeprefix(prefix), upload) for upload in uploads if upload["Initiated"] < before]
    return [(key, upload["UploadId"]) for key, upload in found if is_key(key)]


async def abort_upload(client: Any, bucket: str, name: str, upload_id: str) -> None:
    """Give up an upload and its parts; no error where another process was faster."""
    try:
        await client.abort_multipart_upload(Bucket=bucket, Key=name, UploadId=upload_id)
    except ClientError as error:
        if code_of(error) != UPLOAD_GONE:
            raise


async def sweep_checks(client: Any, bucket: str, prefix: str, before: datetime) -> int:
    """Remove the objects below `prefix` from before that time; returns how many."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    found = [entry async for page in pages for entry in page.get("Contents", [])]
    old = [entry["Key"] for entry in found if entry["LastModified"] < before]
    for name in old:
        await client.delete_object(Bucket=bucket, Key=name)
    return len(old)
