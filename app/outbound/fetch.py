"""Fetches a file that a caller names by URL, over pinned addresses only."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpx

from app.outbound.addresses import Resolve, resolve
from app.outbound.pinning import BadAddress, Pinner
from providers.addresses import is_public

_REDIRECTS = 3
_REDIRECT_STATUSES = (301, 302, 303, 307, 308)


class CannotFetch(Exception):
    """The text says why, fit for the caller; it holds nothing of what was found at the address."""


@dataclass(frozen=True, slots=True)
class Fetcher:
    """`resolve`, `is_allowed` and `tls` are the joints where a test puts its own network."""

    resolve: Resolve = resolve
    is_allowed: Callable[[str], bool] = is_public
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    timeout_s: float = 20.0

    async def fetch(self, url: str, max_bytes: int) -> bytes:
        """The body at an https address, following at most three redirects, each checked anew. Raises CannotFetch."""
        try:
            async with (
                asyncio.timeout(self.timeout_s),
                httpx.AsyncClient(verify=self.tls, trust_env=False, timeout=10.0) as client,
            ):
                for _ in range(_REDIRECTS + 1):
                    body, location = await self._get(client, url, max_bytes)
                    if location is None:
                        return body
                    url = urljoin(url, location)
        except TimeoutError:
            raise CannotFetch("did not arrive in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError):
            raise CannotFetch("could not be fetched") from None
        raise CannotFetch("redirects too often")

    async def _get(self, client: httpx.AsyncClient, url: str, max_bytes: int) -> tuple[bytes, str | None]:
        try:
            pinned = await Pinner(self.resolve, self.is_allowed).pin(url)
        except BadAddress as error:
            raise CannotFetch(str(error)) from None
        headers = {"Host": pinned.host_header, "Accept": "image/*", "Accept-Encoding": "identity"}
        async with client.stream("GET", pinned.url, headers=headers, extensions=pinned.extensions) as response:
            if response.status_code in _REDIRECT_STATUSES and "location" in response.headers:
                return b"", response.headers["location"]
            if response.status_code != 200:
                raise CannotFetch(f"was answered with HTTP status {response.status_code}")
            return await _capped(response, max_bytes), None


async def _capped(response: httpx.Response, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > max_bytes:
            raise CannotFetch(f"is larger than {max_bytes // 1024 // 1024} MB")
    return bytes(body)
