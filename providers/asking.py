"""Questions and transfers over aiohttp, behind httpx's interface: less than half of its own transport's processor time.

Only for what may be repeated. What became of a submission is read from httpx's own transport, whose failures tell
whether anything left.
"""

from collections.abc import AsyncIterator
from ssl import SSLContext

import aiohttp
import httpx
from yarl import URL

_BY_KIND: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.SocketTimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ClientOSError, httpx.ReadError),
    (aiohttp.ClientError, httpx.RemoteProtocolError),
    (TimeoutError, httpx.ReadTimeout),
    (OSError, httpx.ReadError),
)
"""aiohttp's failures in httpx's words, the first that fits."""

_KEPT_S = 30.0
_LEFT_TO_HTTPX = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class AskingTransport(httpx.AsyncBaseTransport):
    """Kept connections to one origin of the operator's own; no cookie, no redirect, no proxy, nothing decoded."""

    def __init__(self, tls: SSLContext, connections: int) -> None:
        self._tls = tls
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        try:
            response = await self._opened().request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=request.headers.multi_items(),
                data=body or None,
                allow_redirects=False,
                timeout=_timeout_of(request),
            )
        except (aiohttp.ClientError, OSError) as error:
            raise _in_httpx_words(error) from error
        return httpx.Response(response.status, headers=list(response.raw_headers), stream=_Body(response))

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Made with the first request: a session belongs to the loop that is running then."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=_KEPT_S, ssl=self._tls),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=_LEFT_TO_HTTPX,
                auto_decompress=False,
                trust_env=False,
            )
        return self._session


class _Body(httpx.AsyncByteStream):
    """The answer's body as it comes, at most aiohttp's own small buffer of it in memory."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._response.content.iter_any():
                yield chunk
        except (aiohttp.ClientError, OSError) as error:
            raise _in_httpx_words(error) from error

    async def aclose(self) -> None:
        """A body that was not read to its end takes its connection along."""
        self._response.close()


def _timeout_of(request: httpx.Request) -> aiohttp.ClientTimeout:
    given = request.extensions.get("timeout", {})
    connect_s, pool_s = given.get("connect"), given.get("pool")
    both_s = None if connect_s is None or pool_s is None else connect_s + pool_s
    return aiohttp.ClientTimeout(total=None, connect=both_s, sock_connect=connect_s, sock_read=given.get("read"))


def _in_httpx_words(error: Exception) -> httpx.TransportError:
    word = next(word for kind, word in _BY_KIND if isinstance(error, kind))
    return word(type(error).__name__)
