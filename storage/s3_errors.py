"""What S3 servers and the way to them answer, as the storage's own errors, without the server's own words.

Their messages may quote credentials and signed strings; only the operation, the code and the status are kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError

from storage.base import ObjectMissing, StorageDenied, StorageError, StorageFull

MISSING = {"NoSuchKey", "NotFound", "404"}
UPLOAD_GONE = "NoSuchUpload"
BEYOND_THE_END = {"InvalidRange", "416"}
NOT_IMPLEMENTED = {"NotImplemented", "MethodNotAllowed", "405", "501"}

_FULL = {
    "InsufficientStorage",
    "QuotaExceeded",
    "StorageFull",
    "StorageQuotaExceeded",
    "XMinioAdminBucketQuotaExceeded",
    "XMinioStorageFull",
    "507",
}
_DENIED = {
    "AuthorizationHeaderMalformed": "set AWS_REGION to the bucket's region",
    "ExpiredToken": "renew the AWS_* credentials",
    "InvalidAccessKeyId": "check AWS_ACCESS_KEY_ID",
    "InvalidBucketName": "check STORAGE_URL and S3_ADDRESSING_STYLE",
    "NoSuchBucket": "create the bucket or correct STORAGE_URL",
    "PermanentRedirect": "set AWS_REGION to the bucket's region",
    "RequestTimeTooSkewed": "set this machine's clock",
    "SignatureDoesNotMatch": "check AWS_SECRET_ACCESS_KEY",
}
_DENIED_STATUSES = {301, 307, 401, 403}


def code_of(error: ClientError) -> str:
    """The server's error code, or the status as text where it gave none (an answer to HEAD has no body)."""
    return str(error.response.get("Error", {}).get("Code", ""))


def storage_error(error: ClientError) -> StorageError:
    """The class that says whether to try again, wait for a person, or look elsewhere."""
    code = code_of(error)
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    said = f"{error.operation_name}: {code} ({status})"
    if code in _FULL or status == 507:
        return StorageFull(said)
    if code in _DENIED:
        return StorageDenied(f"{said}: {_DENIED[code]}")
    if code in MISSING:
        return ObjectMissing(said)
    if status in _DENIED_STATUSES:
        return StorageDenied(f"{said}: check the credentials and their rights on the bucket")
    return StorageError(said)


@contextmanager
def mapped() -> Iterator[None]:
    """Turns everything that botocore, aiohttp and the socket raise into StorageError and its subclasses."""
    try:
        yield
    except ClientError as error:
        raise storage_error(error) from None
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise StorageDenied("no complete S3 credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY") from error
    except (BotoCoreError, aiohttp.ClientError, OSError) as error:
        raise StorageError(f"the S3 server could not be used: {type(error).__name__}") from error
