"""One sweep of a provider's listing: from where the youngest video that may be due lies, to the oldest one watched."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass

from providers.base import ListPage, RemoteVideo

PAGE = 100
_PAGES_MOST = 200
_EMPTY_MOST = 3
_OUT_OF_ORDER_S = 5.0
"""Two videos whose submissions began so far apart are listed in that order."""

ReadPage = Callable[[str | None], Awaitable[ListPage]]


@dataclass(frozen=True, slots=True)
class Spot:
    """A video's place in the listing: its id and when its submission began."""

    provider_id: str
    since: float


def start_after(due: Sequence[float], not_due: Iterable[Spot]) -> str | None:
    """The cursor of a sweep that shows everything due: the oldest video that cannot be, and is surely younger than
    all that may; None for the newest page."""
    youngest = max(due) + _OUT_OF_ORDER_S
    younger = [spot for spot in not_due if spot.since >= youngest]
    return min(younger, key=lambda spot: spot.since).provider_id if younger else None


@dataclass
class Sweep:
    """Reads pages until all of `wanted` was shown, or pages in a row show nothing that is `watched`."""

    read: ReadPage
    watched: Callable[[str], bool]
    wanted: set[str]
    pages: int = 0

    async def videos(self, cursor: str | None) -> AsyncIterator[RemoteVideo]:
        """The watched and wanted videos that the listing shows; what stays in `wanted` was not shown."""
        empty = 0
        while self.wanted and self.pages < _PAGES_MOST and empty < _EMPTY_MOST:
            page = await self.read(cursor)
            self.pages += 1
            shown = [
                video for video in page.videos if video.provider_id in self.wanted or self.watched(video.provider_id)
            ]
            for video in shown:
                self.wanted.discard(video.provider_id)
                yield video
            empty = 0 if shown else empty + 1
            cursor = page.cursor
            if cursor is None:
                return

    def _matters(self, provider_id: str) -> bool:
        return provider_id in self.wanted or self.watched(provider_id)
