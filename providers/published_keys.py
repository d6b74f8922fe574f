"""The public keys that a provider signs its webhooks with, fetched from its own host and kept for a while."""

import base64
import time
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from providers.answers import as_list, as_table, as_text
from providers.errors import ProviderError
from providers.http import Request, Wire

_PATH = "/.well-known/jwks.json"
_GOOD_S = 3600.0
_AGAIN_S = 30.0
_LEAST_BITS = 2048


class PublishedKeys:
    """RSA keys by their id. An id that is not known is looked for at most twice a minute, whoever names it."""

    def __init__(self, wire: Wire, base_url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._wire = wire
        self._base_url = base_url
        self._clock = clock
        self._keys: dict[str, RSAPublicKey] = {}
        self._asked_at = float("-inf")

    async def key(self, key_id: str) -> RSAPublicKey | None:
        """The key of that id, None where the provider publishes none; the last ones stand while it does not answer."""
        age_s = self._clock() - self._asked_at
        if age_s > (_GOOD_S if key_id in self._keys else _AGAIN_S):
            self._asked_at = self._clock()
            await self._fetch()
        return self._keys.get(key_id)

    async def _fetch(self) -> None:
        try:
            answer = await self._wire.ask(self._base_url, Request("GET", self._base_url.rstrip("/") + _PATH))
        except ProviderError:
            return
        if answer.is_success:
            entries = (as_table(entry) for entry in as_list(answer.table().get("keys")))
            named = ((as_text(entry.get("kid")), _rsa(entry)) for entry in entries)
            self._keys = {name: key for name, key in named if name and key}


def _rsa(entry: Mapping[str, Any]) -> RSAPublicKey | None:
    try:
        modulus, exponent = (int.from_bytes(_decoded(str(entry[part]))) for part in ("n", "e"))
        key = RSAPublicNumbers(exponent, modulus).public_key()
    except (KeyError, ValueError):
        return None
    return key if entry.get("kty") == "RSA" and key.key_size >= _LEAST_BITS else None


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
