"""Links to stored files that a browser opens without a header: signed, and good for a limited time."""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from urllib.parse import quote, urlencode

from storage.base import Storage


@dataclass(frozen=True, slots=True)
class FileLinks:
    """Signs `/files/{key}` with the first key and accepts any of them, so that keys can be changed."""

    keys: Sequence[bytes] = field(repr=False)
    ttl: timedelta

    def path(self, key: str, now_s: float) -> str:
        """`/files/…?exp&sig` for a storage key; `now_s` is Unix time."""
        expires = int(now_s + self.ttl.total_seconds())
        query = urlencode({"exp": expires, "sig": _signature(self.keys[0], key, expires)})
        return f"/files/{quote(key)}?{query}"

    def accepts(self, key: str, exp: str, sig: str, now_s: float) -> bool:
        """Whether this server signed that key until that moment, and the moment is not past."""
        if not (exp.isascii() and exp.isdigit() and len(exp) <= 12 and sig.isascii()):
            return False
        is_signed = any(hmac.compare_digest(_signature(secret, key, int(exp)), sig) for secret in self.keys)
        return is_signed and now_s < int(exp)


@dataclass(frozen=True, slots=True)
class Links:
    """Where a stored file opens: under STORAGE_PUBLIC_BASE_URL, at the storage itself, or through this API."""

    storage: Storage
    files: FileLinks
    public_storage_url: str | None

    async def to(self, key: str, server_url: str, now_s: float) -> str:
        """A fresh link to a storage key; `server_url` is how the caller reaches this API."""
        if self.public_storage_url:
            return f"{self.public_storage_url}/{quote(key)}"
        signed = await self.storage.signed_url(key, self.files.ttl)
        return signed or server_url + self.files.path(key, now_s)


def _signature(secret: bytes, key: str, expires: int) -> str:
    digest = hmac.new(secret, f"{key}\n{expires}".encode(), sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
