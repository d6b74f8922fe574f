"""Provider keys and kept answers at rest: sealed with AES-256-GCM; keys recognised by a hash that reveals nothing."""

import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
_FORMAT = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12


class CannotOpen(Exception):
    """No configured ENCRYPTION_KEY opens this: the key that sealed it was removed, or the bytes were changed."""


@dataclass(frozen=True, slots=True)
class _Ring:
    """The subkeys of one master key; `name` marks the ciphertexts it made."""

    name: bytes
    seal: bytes = field(repr=False)
    recognise: bytes = field(repr=False)
    links: bytes = field(repr=False)


class Sealer:
    """Seals with the first of several 32-byte keys and opens with any, so that keys can be changed one after another.

    A sealed value belongs to one row: copied into another one it does not open.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise ValueError("ENCRYPTION_KEY needs one or more keys of exactly 32 bytes")
        self._rings = tuple(_ring(key) for key in keys)

    def seal(self, secret: str, row_id: UUID) -> bytes:
        """The ciphertext to store in that row; a new one each time."""
        ring = self._rings[0]
        nonce = os.urandom(_NONCE_BYTES)
        head = _FORMAT + ring.name
        return head + nonce + AESGCM(ring.seal).encrypt(nonce, secret.encode(), head + row_id.bytes)

    def open(self, sealed: bytes, row_id: UUID) -> str:
        """The secret of that row. Raises CannotOpen."""
        head = sealed[: 1 + _KEY_ID_BYTES]
        nonce, ciphertext = sealed[len(head) : len(head) + _NONCE_BYTES], sealed[len(head) + _NONCE_BYTES :]
        for ring in self._rings:
            if head != _FORMAT + ring.name:
                continue
            try:
                return AESGCM(ring.seal).decrypt(nonce, ciphertext, head + row_id.bytes).decode()
            except InvalidTag as error:
                raise CannotOpen("a sealed value was changed or belongs to another row") from error
        raise CannotOpen("it was sealed with an ENCRYPTION_KEY that is no longer configured")

    def is_current(self, sealed: bytes) -> bool:
        """Whether the first key made this ciphertext, so that a rotation may leave it alone."""
        return sealed[: 1 + _KEY_ID_BYTES] == _FORMAT + self._rings[0].name

    def fingerprint(self, secret: str) -> bytes:
        """What a lane is recognised by: the same for the same secret under the same first key."""
        return _keyed(self._rings[0].recognise, secret)

    def fingerprints(self, secret: str) -> tuple[bytes, ...]:
        """The secret's fingerprint under every configured key, the first key's first."""
        return tuple(_keyed(ring.recognise, secret) for ring in self._rings)

    def link_keys(self) -> tuple[bytes, ...]:
        """Subkeys that sign links to stored files; the first signs, any verifies."""
        return tuple(ring.links for ring in self._rings)


def _keyed(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), sha256).digest()


def _ring(master: bytes) -> _Ring:
    return _Ring(
        name=_subkey(master, b"reelwork key name")[:_KEY_ID_BYTES],
        seal=_subkey(master, b"reelwork seal provider keys"),
        recognise=_subkey(master, b"reelwork recognise provider keys"),
        links=_subkey(master, b"reelwork sign links"),
    )


def _subkey(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(master)
