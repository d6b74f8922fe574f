"""What a listener wants to hear of, and the signed token that says so in a URL."""

import base64
import binascii
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from db.tables import VideoJob

_LABEL = b"events\n"


@dataclass(frozen=True, slots=True)
class Watched:
    """A client's jobs (`client_id` None: everybody's), or of these one job or one storyboard."""

    client_id: UUID | None
    job_id: UUID | None = None
    storyboard_id: str | None = None

    @property
    def key(self) -> object:
        """Listeners of one key hear the same jobs, as far as they may see them."""
        return self.job_id or self.storyboard_id

    @property
    def has_end(self) -> bool:
        return self.key is not None

    def includes(self, row: VideoJob) -> bool:
        return (
            self.client_id in (None, row.client_id)
            and self.job_id in (None, row.id)
            and self.storyboard_id in (None, row.storyboard_id)
        )


@dataclass(frozen=True, slots=True)
class EventTokens:
    """Signs with the first key and accepts any of them, so that keys can be changed."""

    keys: Sequence[bytes] = field(repr=False)

    def make(self, watched: Watched, expires_s: float) -> str:
        """A token for a query string, good until `expires_s` (Unix time)."""
        members = {
            "client": _text(watched.client_id),
            "job": _text(watched.job_id),
            "storyboard": watched.storyboard_id,
            "exp": int(expires_s),
        }
        payload = json.dumps(members, separators=(",", ":")).encode()
        return f"{_encode(payload)}.{_encode(_signature(self.keys[0], payload))}"

    def read(self, token: str, now_s: float) -> Watched | None:
        """What the token allows to hear; None where this server did not sign it or its time is over."""
        try:
            payload, signature = (_decode(part) for part in token.split("."))
        except (ValueError, binascii.Error):
            return None
        if not any(hmac.compare_digest(_signature(key, payload), signature) for key in self.keys):
            return None
        members: dict[str, Any] = json.loads(payload)
        if now_s >= members["exp"]:
            return None
        return Watched(_uuid(members["client"]), _uuid(members["job"]), members["storyboard"])


def _signature(key: bytes, payload: bytes) -> bytes:
    return hmac.new(key, _LABEL + payload, sha256).digest()


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(value: UUID | None) -> str | None:
    return str(value) if value else None


def _uuid(value: str | None) -> UUID | None:
    return UUID(value) if value else None
