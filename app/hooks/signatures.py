"""Whether a webhook comes from the provider: Standard Webhooks' HMAC, or a token that the provider's own key signed.

The moment of signing counts too, so that what somebody once heard cannot be sent again for ever.
"""

import base64
import binascii
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from app.problems import Problem

TOLERANCE_S = 300
_PREFIX = "whsec_"

FindKey = Callable[[str], Awaitable[RSAPublicKey | None]]


def refused(detail: str) -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, "bad_signature", detail)


def check_standard(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    """Raises Problem (401) unless one of the secrets signed this body a moment ago."""
    message_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 12) or _is_far(int(stamp)):
        raise refused("The webhook's time is missing, or too far from now")
    signed = f"{message_id}.{stamp}.".encode() + body
    given = [part.removeprefix("v1,").encode() for part in headers.get("webhook-signature", "").split()]
    right = [base64.b64encode(hmac.new(_key(secret), signed, sha256).digest()) for secret in secrets]
    if not any(hmac.compare_digest(one, other) for one in given for other in right):
        raise refused("The webhook's signature does not verify")


async def check_token(token: str, audience: str | None, find_key: FindKey) -> dict[str, Any]:
    """What the provider's token says. Raises Problem (401) unless its own key signed it for this address, just now."""
    try:
        signed, _, signature = token.rpartition(".")
        header, claims = (json.loads(_decoded(part)) for part in signed.split("."))
        raw = _decoded(signature)
    except (ValueError, binascii.Error, RecursionError):
        raise refused("The webhook's token cannot be read") from None
    if not isinstance(header, dict) or not isinstance(claims, dict) or header.get("alg") != "RS256":
        raise refused("The webhook's token is not an RS256 token")
    key = await find_key(str(header.get("kid")))
    if key is None:
        raise refused("The webhook's token names no key of the provider")
    try:
        key.verify(raw, signed.encode(), PKCS1v15(), SHA256())
    except InvalidSignature:
        raise refused("The webhook's signature does not verify") from None
    _check_claims(claims, audience)
    return claims


def _check_claims(claims: Mapping[str, Any], audience: str | None) -> None:
    meant_for = claims.get("aud")
    if audience is None or audience not in (meant_for if isinstance(meant_for, list) else [meant_for]):
        raise refused("The webhook's token is for another address; PUBLIC_URL says which is ours")
    made_at, ends_at = claims.get("iat"), claims.get("exp", float("inf"))
    if not isinstance(made_at, int | float) or not isinstance(ends_at, int | float):
        raise refused("The webhook's token has no time")
    if _is_far(made_at) or ends_at < time.time() - TOLERANCE_S:
        raise refused("The webhook's token is too old or not yet good")


def _is_far(moment: float) -> bool:
    return abs(time.time() - moment) > TOLERANCE_S


def _key(secret: str) -> bytes:
    """A `whsec_` secret is base64; any other is the key itself."""
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        return secret.encode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
