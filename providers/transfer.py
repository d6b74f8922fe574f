"""Opens a finished video for streaming, following redirects by hand so that no credential leaves its own host."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import httpx

from providers.addresses import AddressRefused, origin_of
from providers.base import Download
from providers.decoding import plain_chunks
from providers.errors import Gone, ProviderError, TryLater
from providers.http import BROKEN, REDIRECTS, Request, Wire, beginning
from providers.verdicts import question_refused

MOST_REDIRECTS = 5
LINK_EXPIRED = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Source:
    """Where a result lies. `headers` carry the credential of `own_url`'s host and port and go nowhere else."""

    url: str
    own_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@asynccontextmanager
async def open_source(wire: Wire, source: Source, *secrets: str) -> AsyncIterator[Download]:
    """The result as an open transfer.

    Raises Gone where it expired or lies where we may not go, CredentialRefused by its own host, TryLater for all that
    passes; the chunks raise TryLater where the transfer breaks or stays silent. `secrets` are kept out of all texts.
    """
    wire.trust(source.own_url)
    async with AsyncExitStack() as stack:
        response, is_own = await _followed(wire, source, stack)
        if response.status_code != 200:
            raise await _refused(response, is_own, secrets)
        encoded = response.headers.get("content-encoding", "identity") != "identity"
        length = None if encoded else response.headers.get("content-length")
        yield Download(
            content_type=response.headers.get("content-type"),
            length=int(length) if length and length.isdecimal() else None,
            chunks=_chunks(response),
        )


async def _followed(wire: Wire, source: Source, stack: AsyncExitStack) -> tuple[httpx.Response, bool]:
    url, own = source.url, origin_of(source.own_url)
    for _ in range(MOST_REDIRECTS + 1):
        is_own = _may_go(wire, url) == own
        try:
            response = await stack.enter_async_context(
                wire.opened(Request("GET", url, source.headers if is_own else {}))
            )
        except AddressRefused as error:
            raise _no_way() from error
        if response.status_code not in REDIRECTS:
            return response, is_own
        await response.aclose()
        url = urljoin(url, response.headers.get("location", ""))
    raise Gone("redirected", "The provider's result redirects too often.")


def _may_go(wire: Wire, url: str) -> tuple[str, int]:
    """The URL's origin, where it is one of the operator's own or at least https."""
    try:
        origin = origin_of(url)
    except ValueError as error:
        raise _no_way() from error
    if urlsplit(url).scheme != "https" and not wire.is_trusted(origin):
        raise _no_way()
    return origin


def _no_way() -> Gone:
    return Gone("address_refused", "The provider's result lies at an address that is not public or not https.")


async def _refused(response: httpx.Response, is_own: bool, secrets: tuple[str, ...]) -> ProviderError:
    if response.status_code in LINK_EXPIRED and not is_own:
        return TryLater("link_expired", "The result's link has expired.", response.status_code, whole_lane=False)
    error = question_refused(await beginning(response), *secrets)
    if isinstance(error, Gone):
        error.code = "asset_expired"
    return error


async def _chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for chunk in plain_chunks(response):
            yield chunk
    except BROKEN as error:
        raise TryLater("cut_transfer", f"The transfer broke ({type(error).__name__}).", whole_lane=False) from error
