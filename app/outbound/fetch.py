"""Fetches a file that a caller names by URL. The address that was checked is the one that is connected to, so that a
name which changes its mind between the two gains nothing."""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx

from app.outbound.addresses import Resolve, is_public, resolve

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
        host, port = _host_and_port(url)
        address = await self._checked_address(host, port)
        pinned = httpx.URL(url).copy_with(host=address)
        headers = {
            "Host": host if port == 443 else f"{host}:{port}",
            "Accept": "image/*",
            "Accept-Encoding": "identity",
        }
        extensions = {"sni_hostname": host}
        async with client.stream("GET", pinned, headers=headers, extensions=extensions) as response:
            if response.status_code in _REDIRECT_STATUSES and "location" in response.headers:
                return b"", response.headers["location"]
            if response.status_code != 200:
                raise CannotFetch(f"was answered with HTTP status {response.status_code}")
            return await _capped(response, max_bytes), None

    async def _checked_address(self, host: str, port: int) -> str:
        try:
            addresses = await self.resolve(host, port)
        except (OSError, UnicodeError):
            addresses = []
        if not addresses:
            raise CannotFetch("names a host that is not known")
        if not all(self.is_allowed(address) for address in addresses):
            raise CannotFetch("names a host that is not on the public internet")
        return addresses[0]


def _host_and_port(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 443
    except ValueError:
        raise CannotFetch("is not a valid address") from None
    if parts.scheme != "https" or not host or parts.username or parts.password:
        raise CannotFetch("must be https://host/… without a user in it")
    return host, port


async def _capped(response: httpx.Response, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > max_bytes:
            raise CannotFetch(f"is larger than {max_bytes // 1024 // 1024} MB")
    return bytes(body)
