"""How providers sign what they send: HMAC as Standard Webhooks has it, and RS256 tokens with a published key."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

KEY_ID = "reelwork-simulator"


def standard_signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """The webhook-signature header for a shared secret (`whsec_` and base64, or any text)."""
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    digest = hmac.new(key, b".".join((message_id.encode(), str(timestamp).encode(), body)), hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def signed_token(claims: Mapping[str, Any], with_wrong_key: bool = False) -> str:
    """A JWT signed with the simulator's key, or with one that nobody can look up."""
    header = {"alg": "RS256", "typ": "JWT", "kid": KEY_ID}
    signed = b".".join(_base64url(json.dumps(part).encode()) for part in (header, claims))
    signature = signing_key(is_wrong=with_wrong_key).sign(signed, padding.PKCS1v15(), hashes.SHA256())
    return b".".join((signed, _base64url(signature))).decode()


def key_set() -> dict[str, Any]:
    """The public key as a JWKS."""
    numbers = signing_key(is_wrong=False).public_key().public_numbers()
    modulus = numbers.n.to_bytes((numbers.n.bit_length() + 7) // 8, "big")
    exponent = numbers.e.to_bytes(3, "big")
    key = {"n": _base64url(modulus).decode(), "e": _base64url(exponent).decode()}
    return {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, **key}]}


def service_account(project: str, email: str, token_uri: str) -> dict[str, str]:
    """A Google service account's JSON, good for nothing but the simulator."""
    pem = signing_key(is_wrong=False).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "type": "service_account",
        "project_id": project,
        "private_key_id": KEY_ID,
        "private_key": pem.decode(),
        "client_email": email,
        "client_id": "100000000000000000000",
        "token_uri": token_uri,
    }


@cache
def signing_key(is_wrong: bool) -> rsa.RSAPrivateKey:
    """This process's own key; a second one, for signatures that must not verify."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _base64url(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
