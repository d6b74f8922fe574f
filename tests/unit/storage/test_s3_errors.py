"""What a server answers becomes: try again, make room, call a person, or not there."""

import aiohttp
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from storage.base import ObjectMissing, StorageDenied, StorageError, StorageFull
from storage.s3_errors import mapped


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("NoSuchKey", 404, ObjectMissing),
        ("404", 404, ObjectMissing),
        ("AccessDenied", 403, StorageDenied),
        ("403", 403, StorageDenied),
        ("InvalidAccessKeyId", 403, StorageDenied),
        ("SignatureDoesNotMatch", 403, StorageDenied),
        ("ExpiredToken", 400, StorageDenied),
        ("NoSuchBucket", 404, StorageDenied),
        ("PermanentRedirect", 301, StorageDenied),
        ("AuthorizationHeaderMalformed", 400, StorageDenied),
        ("QuotaExceeded", 403, StorageFull),
        ("XMinioStorageFull", 507, StorageFull),
        ("Whatever", 507, StorageFull),
        ("SlowDown", 503, StorageError),
        ("InternalError", 500, StorageError),
        ("BadDigest", 400, StorageError),
    ],
)
def test_the_class_says_what_to_do(code: str, status: int, expected: type[StorageError]) -> None:
    answer = {"Error": {"Code": code, "Message": "key AKIDEXAMPLE"}, "ResponseMetadata": {"HTTPStatusCode": status}}

    with pytest.raises(StorageError) as failure, mapped():
        raise ClientError(answer, "PutObject")

    assert type(failure.value) is expected
    assert "PutObject" in str(failure.value)
    assert code in str(failure.value)


def test_the_servers_own_words_are_not_repeated() -> None:
    answer = {"Error": {"Code": "SignatureDoesNotMatch", "Message": "AKIDEXAMPLE", "StringToSign": "AKIDEXAMPLE"}}

    with pytest.raises(StorageDenied) as failure, mapped():
        raise ClientError(answer, "PutObject")

    assert "AKIDEXAMPLE" not in str(failure.value)
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__


@pytest.mark.parametrize(
    "raised",
    [
        EndpointConnectionError(endpoint_url="http://127.0.0.1:9"),
        aiohttp.ClientPayloadError("cut"),
        TimeoutError(),
        ConnectionResetError(),
    ],
)
def test_a_server_out_of_reach_is_tried_again(raised: Exception) -> None:
    with pytest.raises(StorageError) as failure, mapped():
        raise raised

    assert type(failure.value) is StorageError
    assert type(raised).__name__ in str(failure.value)


def test_missing_credentials_call_a_person() -> None:
    with pytest.raises(StorageDenied, match="AWS_ACCESS_KEY_ID"), mapped():
        raise NoCredentialsError
