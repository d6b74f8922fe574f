"""Carries flows out over HTTP: one runner that blocks, one for asyncio. All that they share is in the flows."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from time import sleep
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx

from reelwork import __version__
from reelwork.client.address import Address, find_address
from reelwork.client.answers import error_of
from reelwork.client.errors import ReelworkError, ServerUnavailable
from reelwork.client.flow import Flow, Pause, Reply, Request, Step, Transfer

T = TypeVar("T")

CONNECT_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Ended:
    """A flow's result."""

    value: Any


class SyncRunner:
    """Runs flows in the calling thread. `timeout` is in seconds, for each silence of the server."""

    def __init__(self, url: str | None = None, api_key: str | None = None, *, timeout: float = 30.0) -> None:
        self.address = find_address(url, api_key)
        self._http = httpx.Client(**_options(self.address, timeout))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(self, flow: Flow[T]) -> T:
        """Carry out every step of a flow; returns its result."""
        with closing(flow):
            step = _advance(flow, None)
            while not isinstance(step, Ended):
                try:
                    outcome = self._perform(step)
                except ServerUnavailable as error:
                    step = _advance(flow, error)
                else:
                    step = _advance(flow, outcome)
            return step.value  # type: ignore[no-any-return]

    @contextmanager
    def lines(self, request: Request) -> Iterator[Iterator[str]]:
        """The lines of an answer that goes on; a server that falls silent for longer than its pings has gone."""
        with _mapped(self.address), self._http.stream(**_arguments(request)) as response:
            if response.status_code >= 400:
                response.read()
                raise error_of(_reply(response))
            yield response.iter_lines()

    def _perform(self, step: Step) -> Reply | None:
        match step:
            case Pause(seconds):
                sleep(seconds)
                return None
            case Request():
                with _mapped(self.address):
                    return _reply(self._http.request(**_arguments(step)))
            case Transfer():
                with _mapped(self.address):
                    return self._transfer(step)

    def _transfer(self, step: Transfer) -> Reply:
        with self._http.stream(**_arguments(step.request), follow_redirects=True) as response:
            if response.status_code not in (200, 206):
                response.read()
                return _reply(response)
            step.sink.begin(response.status_code, response.headers)
            for piece in response.iter_raw():
                step.sink.write(piece)
            step.sink.finish()
            return Reply(response.status_code, response.headers, b"")


class AsyncRunner:
    """Runs flows in asyncio's event loop. `timeout` is in seconds, for each silence of the server.

    asyncio is imported where it is used: who has no event loop is spared its start.
    """

    def __init__(self, url: str | None = None, api_key: str | None = None, *, timeout: float = 30.0) -> None:
        self.address = find_address(url, api_key)
        self._http = httpx.AsyncClient(**_options(self.address, timeout))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def run(self, flow: Flow[T]) -> T:
        """Carry out every step of a flow; returns its result."""
        with closing(flow):
            step = _advance(flow, None)
            while not isinstance(step, Ended):
                try:
                    outcome = await self._perform(step)
                except ServerUnavailable as error:
                    step = _advance(flow, error)
                else:
                    step = _advance(flow, outcome)
            return step.value  # type: ignore[no-any-return]

    async def _perform(self, step: Step) -> Reply | None:
        match step:
            case Pause(seconds):
                import asyncio

                await asyncio.sleep(seconds)
                return None
            case Request():
                with _mapped(self.address):
                    return _reply(await self._http.request(**_arguments(step)))
            case Transfer():
                with _mapped(self.address):
                    return await self._transfer(step)

    async def _transfer(self, step: Transfer) -> Reply:
        async with self._http.stream(**_arguments(step.request), follow_redirects=True) as response:
            if response.status_code not in (200, 206):
                await response.aread()
                return _reply(response)
            import asyncio

            await asyncio.to_thread(step.sink.begin, response.status_code, response.headers)
            async for piece in response.aiter_raw():
                await asyncio.to_thread(step.sink.write, piece)
            await asyncio.to_thread(step.sink.finish)
            return Reply(response.status_code, response.headers, b"")


def _advance(flow: Flow[Any], outcome: Reply | ServerUnavailable | None) -> Step | Ended:
    try:
        if isinstance(outcome, ServerUnavailable):
            return flow.throw(outcome)
        return flow.send(outcome)
    except StopIteration as ended:
        return Ended(ended.value)


def _options(address: Address, timeout: float) -> dict[str, Any]:
    headers = {"User-Agent": f"reelwork/{__version__}", "Accept": "application/json"}
    if address.api_key is not None:
        headers["Authorization"] = f"Bearer {address.api_key}"
    return {
        "base_url": address.url,
        "headers": headers,
        "timeout": httpx.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT_S)),
        # A proxy of the environment cannot reach this machine's own loopback address.
        "trust_env": not address.is_local,
    }


def _arguments(request: Request) -> dict[str, Any]:
    arguments: dict[str, Any] = {"method": request.method, "url": request.path, "headers": request.headers}
    if request.query:
        arguments["params"] = request.query
    if request.body is not None:
        arguments["json"] = request.body
    return arguments


def _reply(response: httpx.Response) -> Reply:
    headers: Mapping[str, str] = response.headers
    return Reply(response.status_code, headers, response.content)


@contextmanager
def _mapped(address: Address) -> Iterator[None]:
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
        hint = "Is it running? `make run` starts one." if address.is_local else "Check REELWORK_URL and the network."
        raise ServerUnavailable(f"No server can be reached at {address.url}. {hint}") from error
    except httpx.TransportError as error:
        sentence = f"The connection to {address.url} was lost before the answer came ({type(error).__name__})."
        raise ServerUnavailable(sentence, answer_lost=True) from error
    except httpx.RequestError as error:
        raise ReelworkError(f"The answer of {address.url} cannot be read ({type(error).__name__}).") from error
