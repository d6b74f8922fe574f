"""Every request to a provider leaves through here: submissions once and guarded, questions over kept connections.

A submission gets a connection of its own that nothing kept open, is never repeated, follows no redirect, and whether
any of it left is known from the moment its first byte was about to, not guessed from the kind of failure.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from ssl import SSLContext

import httpx

from providers.addresses import AddressRefused, CheckedNetwork, CheckedTransport, Origin, origin_of
from providers.answers import Answer
from providers.base import Guard
from providers.decoding import plain_chunks
from providers.errors import OutcomeUnknown, TryLater

USER_AGENT = "reelwork"
MEBIBYTE = 1024 * 1024
REFUSAL_CAP_BYTES = 64 * 1024
REFUSAL_S = 10.0
REDIRECTS = frozenset({301, 302, 303, 307, 308})
FIRST_BYTE = ("http11.send_request_headers.started", "http2.send_request_headers.started")
STALE = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
BROKEN = (httpx.TransportError, httpx.InvalidURL, httpx.DecodingError, AddressRefused, TimeoutError)


@dataclass(frozen=True, slots=True)
class WirePolicy:
    """How long to wait, in seconds, and how much to hold.

    `submit_s` bounds a whole submission, `question_s` a whole poll or listing; `read_s` is the longest silence within
    a transfer. `trusted_base_urls` may lie at private addresses besides the base URLs that are called themselves.
    """

    submit_s: float = 60.0
    question_s: float = 60.0
    connect_s: float = 10.0
    read_s: float = 60.0
    body_cap_bytes: int = 32 * MEBIBYTE
    connections: int = 64
    trusted_base_urls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `fields` and `files` make a multipart form (each file is name, content type, bytes)."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict)
    json: object = None
    fields: Mapping[str, str] | None = None
    files: Mapping[str, tuple[str, str, bytes]] = field(default_factory=dict, repr=False)


class Wire:
    """The shared connections of one process. Close it when the adapters are no longer used."""

    def __init__(self, policy: WirePolicy) -> None:
        self.policy = policy
        self._trusted: set[Origin] = {origin_of(url) for url in policy.trusted_base_urls}
        self._network = CheckedNetwork(self._trusted)
        self._tls: SSLContext | None = None
        self._asking: dict[Origin, httpx.AsyncClient] = {}
        self._elsewhere: httpx.AsyncClient | None = None
        self._submitting: httpx.AsyncClient | None = None

    def trust(self, base_url: str) -> None:
        """Let connections go to this base URL's host and port, wherever it lies."""
        self._trusted.add(origin_of(base_url))

    @property
    def trusted(self) -> Collection[Origin]:
        """The operator's own origins, as they are known by now."""
        return self._trusted

    def is_trusted(self, origin: Origin) -> bool:
        """Whether an origin is one of the operator's own."""
        return origin in self._trusted

    async def submit(self, base_url: str, request: Request, guard: Guard) -> Answer:
        """Send a paid request once. `guard` is awaited just before the first byte leaves and may stop it.

        Raises TryLater where nothing left, OutcomeUnknown where it may have arrived, and whatever the guard raises.
        """
        self.trust(base_url)
        has_left = False

        async def watch(event: str, _: object) -> None:
            nonlocal has_left
            if event in FIRST_BYTE:
                await guard()
                has_left = True

        client = self._submission_client()
        try:
            async with asyncio.timeout(self.policy.submit_s):
                outgoing = _built(client, request, {"trace": watch})
                async with _sent(client, outgoing) as response:
                    return await _read(response, self.policy.body_cap_bytes)
        except BROKEN as error:
            if has_left:
                raise OutcomeUnknown("no_answer", _plainly(error), answered=False) from error
            raise TryLater("unreachable", _plainly(error)) from error

    async def ask(self, base_url: str, request: Request) -> Answer:
        """Send a request that costs nothing and may be repeated; TryLater where no whole answer came.

        Its answer may be of any status. One that a kept connection swallowed is asked again at once.
        """
        async with self.asked(base_url, request) as response:
            answer = await _read(response, self.policy.body_cap_bytes)
        if not answer.complete:
            raise TryLater("cut_answer", "The provider's answer was cut or too large.", answer.status, whole_lane=False)
        return answer

    @asynccontextmanager
    async def asked(self, base_url: str, request: Request) -> AsyncIterator[httpx.Response]:
        """As `ask`, but the answer's body is still to be read within the block, whose errors become TryLater."""
        self.trust(base_url)
        client = self._client_for(request.url)
        try:
            async with asyncio.timeout(self.policy.question_s):
                response = await self._send_question(client, request)
                try:
                    yield response
                finally:
                    await response.aclose()
        except BROKEN as error:
            raise TryLater("unreachable", _plainly(error)) from error

    @asynccontextmanager
    async def opened(self, request: Request) -> AsyncIterator[httpx.Response]:
        """A transfer whose body is read within the block; only the time until its headers is bounded as a whole.

        Raises AddressRefused where its host is neither public nor the operator's own, TryLater where none came.
        """
        client = self._client_for(request.url)
        try:
            async with asyncio.timeout(self.policy.question_s):
                response = await self._send_question(client, request)
        except AddressRefused:
            raise
        except BROKEN as error:
            raise TryLater("unreachable", _plainly(error)) from error
        try:
            yield response
        finally:
            await response.aclose()

    async def close(self) -> None:
        """Close every connection."""
        clients = [*self._asking.values(), self._elsewhere, self._submitting]
        self._asking, self._elsewhere, self._submitting = {}, None, None
        for client in clients:
            if client is not None:
                await client.aclose()

    async def _send_question(self, client: httpx.AsyncClient, request: Request) -> httpx.Response:
        try:
            return await client.send(_built(client, request), stream=True)
        except STALE:
            return await client.send(_built(client, request), stream=True)

    def _client_for(self, url: str) -> httpx.AsyncClient:
        origin = origin_of(url)
        if origin not in self._trusted:
            self._elsewhere = self._elsewhere or self._client(self.policy.connections, kept=4)
            return self._elsewhere
        if origin not in self._asking:
            from providers.asking import AskingTransport  # 9 MB that an idle worker does without

            self._asking[origin] = self._client_over(AskingTransport(self._own_tls(), self.policy.connections))
        return self._asking[origin]

    def _submission_client(self) -> httpx.AsyncClient:
        if self._submitting is None:
            self._submitting = self._client(self.policy.connections, kept=0, read_s=self.policy.submit_s)
        return self._submitting

    def _client(self, connections: int, *, kept: int, read_s: float | None = None) -> httpx.AsyncClient:
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=kept, keepalive_expiry=30)
        return self._client_over(CheckedTransport(self._network, self._own_tls(), limits), read_s)

    def _client_over(self, transport: httpx.AsyncBaseTransport, read_s: float | None = None) -> httpx.AsyncClient:
        policy = self.policy
        return httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(read_s or policy.read_s, connect=policy.connect_s, pool=policy.connect_s),
            headers={"user-agent": USER_AGENT, "accept-encoding": "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            trust_env=False,
        )

    def _own_tls(self) -> SSLContext:
        self._tls = self._tls or httpx.create_ssl_context(trust_env=False)
        return self._tls


def _built(
    client: httpx.AsyncClient, request: Request, extensions: Mapping[str, object] | None = None
) -> httpx.Request:
    parts = {name: (None, value) for name, value in (request.fields or {}).items()}
    files = {name: (filename, data, kind) for name, (filename, kind, data) in request.files.items()}
    return client.build_request(
        request.method,
        request.url,
        headers=dict(request.headers),
        params=dict(request.query) or None,
        json=request.json,
        files={**parts, **files} if request.fields is not None else None,
        extensions=dict(extensions or {}),
    )


@asynccontextmanager
async def _sent(client: httpx.AsyncClient, request: httpx.Request) -> AsyncIterator[httpx.Response]:
    response = await client.send(request, stream=True)
    try:
        yield response
    finally:
        await response.aclose()


async def _read(response: httpx.Response, cap_bytes: int) -> Answer:
    """The answer with its body up to the cap; one that is cut on its way still has a status that says something."""
    body, complete = bytearray(), True
    try:
        async for chunk in plain_chunks(response):
            body += chunk
            if len(body) > cap_bytes:
                complete = False
                break
    except BROKEN:
        complete = False
    return Answer(response.status_code, lower(response.headers), bytes(body), complete)


def lower(headers: httpx.Headers) -> dict[str, str]:
    """Headers as a plain mapping with names in lower case."""
    return {name.lower(): value for name, value in headers.items()}


async def beginning(response: httpx.Response) -> Answer:
    """A refusal's answer with as much of its body as says why; of its status alone where that does not come."""
    try:
        async with asyncio.timeout(REFUSAL_S):
            answer = await _read(response, REFUSAL_CAP_BYTES)
    except TimeoutError:
        return Answer(response.status_code, lower(response.headers), b"", complete=False)
    return answer


def _plainly(error: Exception) -> str:
    """What happened, without any address or header that the failure's own text may hold."""
    return f"No answer came from the provider ({type(error).__name__})."
