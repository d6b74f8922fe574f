"""From STORAGE_URL to a storage. What a chosen storage does not need is not imported."""

import re
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from storage.base import Storage
from storage.local import LocalStorage
from storage.options import S3Options

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,221}[A-Za-z0-9]")
_FORMS = "file:///absolute/folder or s3://bucket/prefix"


class BadStorageUrl(ValueError):
    """STORAGE_URL names no storage; the text says what to write and never repeats the value."""


def open_storage(url: str, s3: S3Options | None = None) -> Storage:
    """The storage that STORAGE_URL names; connects and writes nothing yet (`check` does). Raises BadStorageUrl.

    `s3` is read for `s3://` only; without it boto's own chain finds endpoint, region and credentials.
    """
    parts = urlsplit(url)
    match parts.scheme:
        case "file":
            return LocalStorage(_folder(parts))
        case "s3":
            bucket, prefix = _bucket_and_prefix(parts)
            # Imported here: boto costs 25 MB, which a process with a local folder does not pay.
            from storage.s3 import S3Storage

            return S3Storage(bucket, prefix, s3 or S3Options())
        case "vercel-blob":
            raise BadStorageUrl(f"STORAGE_URL: vercel-blob: is not supported yet; use {_FORMS}")
        case _:
            raise BadStorageUrl(f"STORAGE_URL must be {_FORMS}")


def _folder(parts: SplitResult) -> Path:
    path = unquote(parts.path).rstrip("/")
    if parts.netloc not in {"", "localhost"} or not path.startswith("/") or parts.query or parts.fragment:
        raise BadStorageUrl("STORAGE_URL: a folder is written file:///absolute/folder, with three slashes")
    return Path(path)


def _bucket_and_prefix(parts: SplitResult) -> tuple[str, str]:
    prefix = unquote(parts.path).strip("/")
    if not _BUCKET.fullmatch(parts.netloc) or parts.query or parts.fragment:
        raise BadStorageUrl("STORAGE_URL: a bucket is written s3://bucket/prefix; credentials go into AWS_*")
    if any(part in {"", ".", ".."} for part in prefix.split("/")) and prefix:
        raise BadStorageUrl("STORAGE_URL: the prefix of a bucket holds no empty part, . or ..")
    return parts.netloc, prefix
