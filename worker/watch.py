"""One waiter's view of a video at its provider."""

import asyncio
from dataclasses import dataclass, field
from uuid import UUID

from db.generation_times import Sort
from providers.base import Account, Provider, RemoteVideo
from providers.errors import ProviderError

Update = RemoteVideo | ProviderError


@dataclass(frozen=True, slots=True)
class Watched:
    """A video somebody waits for. `since` is when the provider accepted it and `until` when its time is over, both on
    the boottime clock; `sort` says whose times it shares; `ceiling` is the lane's own limit of requests a second as it
    was when the wait began, None for the environment's."""

    job_id: UUID
    lane_id: UUID
    provider: Provider
    account: Account
    provider_id: str
    model: str
    sort: Sort
    since: float
    until: float
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
        """Let the waiter look around: somebody asked to cancel, its time is over."""
        self._news.set()


@dataclass(slots=True)
class Waiting:
    """A watch and when to look for it again. `not_ready_s` is the greatest age at which it was seen unfinished, `told`
    what its waiter knows, `is_missing` that a listing did not show it, `is_wanted` that it is to be asked for at once.
    """

    watch: Watch
    look_at: float = 0.0
    not_ready_s: float = 0.0
    told: tuple[str, int | None] | None = None
    is_missing: bool = False
    is_wanted: bool = False
    asking: asyncio.Task[None] | None = None

    @property
    def video(self) -> Watched:
        return self.watch.video
