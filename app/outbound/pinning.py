"""An address that a caller names, checked and pinned: the host that was looked at is the one that is connected to, so
that a name which changes its answer between the two gains nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

import httpx

from app.outbound.addresses import Resolve, resolve
from providers.addresses import is_public


class BadAddress(Exception):
    """The text says why, fit for the caller; it holds nothing of what was found at the address."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """Where to connect, and what to say there: the name goes into Host and into the TLS handshake."""

    url: httpx.URL
    host_header: str
    extensions: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pinner:
    """`resolve` and `is_allowed` are the joints where a test puts its own network; `plain` lets http pass too."""

    resolve: Resolve = resolve
    is_allowed: Callable[[str], bool] = is_public
    plain: bool = False

    def check(self, url: str) -> SplitResult:
        """The parts of a URL that may be called at all. Raises BadAddress."""
        try:
            parts = urlsplit(url)
            _ = parts.port
        except ValueError:
            raise BadAddress("is not a valid address") from None
        allowed = ("https", "http") if self.plain else ("https",)
        if parts.scheme not in allowed or not parts.hostname or parts.username or parts.password:
            raise BadAddress("must be https://host/… without a user in it")
        return parts

    async def pin(self, url: str) -> Pinned:
        """Look the host up and check every address it has. Raises BadAddress."""
        parts = self.check(url)
        host, usual = parts.hostname or "", 443 if parts.scheme == "https" else 80
        port = parts.port or usual
        try:
            addresses = await self.resolve(host, port)
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise BadAddress("names a host that is not known")
        if not all(self.is_allowed(address) for address in addresses):
            raise BadAddress("names a host that is not on the public internet")
        name = f"[{host}]" if ":" in host else host
        header = name if port == usual else f"{name}:{port}"
        extensions = {"sni_hostname": host} if parts.scheme == "https" else {}
        try:
            return Pinned(httpx.URL(url).copy_with(host=addresses[0]), header, extensions)
        except httpx.InvalidURL:
            raise BadAddress("is not a valid address") from None
