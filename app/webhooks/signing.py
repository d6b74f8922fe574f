"""Standard Webhooks: the secret's form and the signature (https://www.standardwebhooks.com)."""

import base64
import hmac
import secrets
from collections.abc import Sequence
from hashlib import sha256

_PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """`whsec_` and 32 random bytes in base64."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def headers(message_id: str, timestamp_s: int, body: bytes, secret_texts: Sequence[str]) -> dict[str, str]:
    """webhook-id, webhook-timestamp and one signature for each secret, newest first."""
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    signatures = [_signature(secret, signed) for secret in secret_texts]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()
