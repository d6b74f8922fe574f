"""One waiter's view of a video at its provider."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from providers.base import Account, Provider, RemoteVideo
from providers.errors import ProviderError

Update = RemoteVideo | ProviderError


@dataclass(frozen=True, slots=True)
class Watched:
    """A video somebody waits for. `since` is when the provider accepted it, on the boottime clock; `ceiling` the lane's
    own limit of requests a second, None for the environment's."""

    job_id: UUID
    lane_id: UUID
    provider: Provider
    account: Account
    provider_id: str
    model: str
    since: float
    ceiling: int | None = None


@dataclass
class Watch:
    """The newest update that its waiter has not seen yet."""

    video: Watched
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _update: Update | None = None

    async def next(self) -> Update | None:
        """Wait for the provider's next word; None when the waiter was woken for another reason."""
        await self._news.wait()
        self._news.clear()
        update, self._update = self._update, None
        return update

    def tell(self, update: Update) -> None:
        self._update = update
        self._news.set()

    def nudge(self) -> None:
        """Let the waiter look around: somebody asked to cancel, a deadline passed."""
        self._news.set()
