"""A provider whose calls are counted: which call, how it ended, how long it took."""

import re
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Literal, TypeVar

from observing.meters import Meters
from observing.spans import inner
from providers.base import Abilities, Accepted, Account, Download, Guard, ListPage, Provider, RemoteResult, RemoteVideo
from providers.base import VideoRequest as Wanted
from providers.errors import ProviderError
from worker.clock import boottime

T = TypeVar("T")


class Counted:
    """`inner` as it is, seen from outside: every method is its own, and leaves a figure."""

    def __init__(self, inner: Provider, meters: Meters) -> None:
        self.kind = inner.kind
        self._inner = inner
        self._meters = meters

    def abilities(self, account: Account) -> Abilities:
        return self._inner.abilities(account)

    async def submit(self, account: Account, request: Wanted, guard: Guard) -> Accepted:
        return await self._call("submit", self._inner.submit(account, request, guard))

    async def poll(self, account: Account, provider_id: str, model: str) -> RemoteVideo:
        return await self._call("poll", self._inner.poll(account, provider_id, model))

    async def list_recent(self, account: Account, cursor: str | None = None, limit: int = 100) -> ListPage:
        return await self._call("list", self._inner.list_recent(account, cursor, limit))

    async def find_output(self, account: Account, prefix: str) -> RemoteResult | None:
        return await self._call("find_output", self._inner.find_output(account, prefix))

    def download(
        self, account: Account, video: RemoteVideo, variant: Literal["video", "thumbnail"] = "video"
    ) -> AbstractAsyncContextManager[Download]:
        return self._transfer(self._inner.download(account, video, variant))

    async def cancel(self, account: Account, provider_id: str) -> bool:
        return await self._call("cancel", self._inner.cancel(account, provider_id))

    async def delete(self, account: Account, video: RemoteVideo) -> None:
        await self._call("delete", self._inner.delete(account, video))

    async def check(self, account: Account) -> None:
        await self._call("check", self._inner.check(account))

    async def close(self) -> None:
        await self._inner.close()

    @asynccontextmanager
    async def _transfer(self, transfer: AbstractAsyncContextManager[Download]) -> AsyncIterator[Download]:
        with self._measured("download"):
            async with transfer as opened:
                yield opened

    async def _call(self, call: str, answer: Awaitable[T]) -> T:
        with self._measured(call):
            return await answer

    @contextmanager
    def _measured(self, call: str) -> Iterator[None]:
        asked_at, outcome = boottime(), "broken"
        try:
            with inner(f"provider {call}", kind=self.kind):
                yield
            outcome = "ok"
        except ProviderError as error:
            outcome = _word(error)
            raise
        finally:
            self._meters.add("reelwork_provider_calls_total", kind=self.kind, call=call, outcome=outcome)
            took_s = boottime() - asked_at
            self._meters.observe("reelwork_provider_call_duration_seconds", took_s, kind=self.kind, call=call)


def _word(error: ProviderError) -> str:
    """The class's name as a label: try_later, outcome_unknown."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()
