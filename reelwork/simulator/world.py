"""The provider's whole state in one process: accounts, videos, files and buckets, nothing of it on disk."""

import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from reelwork.simulator.accounts import Account, Accounts
from reelwork.simulator.books import Books
from reelwork.simulator.clock import Clock
from reelwork.simulator.faults.kinds import Endpoint, Fault
from reelwork.simulator.faults.rules import RuleBook, Situation
from reelwork.simulator.film.clip import Clip
from reelwork.simulator.film.shot import shot_of
from reelwork.simulator.film.studio import Studio
from reelwork.simulator.options import Options
from reelwork.simulator.videos import Video, Wanted
from reelwork.simulator.wire import Wires

Listener = Callable[[Video], None]


@dataclass(slots=True)
class World:
    """Everything the dialects share. `media_url` is the second port's address, for results behind a redirect."""

    options: Options
    initial: Options
    clock: Clock
    accounts: Accounts
    rules: RuleBook
    books: Books
    studio: Studio
    wires: Wires
    random: random.Random
    media_url: str = ""
    videos: dict[str, Video] = field(default_factory=dict)
    files: dict[str, Video] = field(default_factory=dict)
    buckets: dict[str, dict[str, tuple[Video, int]]] = field(default_factory=dict)
    listeners: list[Listener] = field(default_factory=list)
    _shelves: dict[tuple[str, str], list[Video]] = field(default_factory=dict)
    _serials: "itertools.count[int]" = field(default_factory=itertools.count)

    def accept(self, account: Account, dialect: str, wanted: Wanted, video_id: str, arrived_at: float) -> Video:
        """Take a paid submission into the books; from here on it costs money."""
        situation = Situation(Endpoint.SUBMIT, facts_of(account, dialect, wanted))
        fates = self.rules.fates(situation, wanted.prompt)
        now = self.clock.now()
        runs_s = self._running_time(fates)
        video = Video(
            id=video_id,
            account=account,
            dialect=dialect,
            wanted=wanted,
            serial=next(self._serials),
            arrived_at=arrived_at,
            accepted_at=now,
            queued_until=now + min(self.options.queue_s, runs_s),
            ends_at=now + runs_s,
            fates=fates,
            rules=self.rules.video_rules(wanted.prompt),
        )
        self.videos[video_id] = video
        self._shelves.setdefault((account.name, dialect), []).append(video)
        self.books.paid.append(video)
        self.studio.prefetch(shot_of(video, self.options))
        self._tell(video)
        return video

    def find(self, video_id: str, account: Account) -> Video | None:
        """The account's video as the provider knows it now, None where it does not."""
        video = self.videos.get(video_id)
        if video is None or video.account.name != account.name or not video.knows(self.clock.now()):
            return None
        return video

    def shelf(self, account: Account, dialect: str) -> Iterator[Video]:
        """What a listing shows, newest first."""
        now = self.clock.now()
        for video in reversed(self._shelves.get((account.name, dialect), [])):
            is_late = now < video.accepted_at + self.options.listing_delay_s
            if video.knows(now) and not is_late and "unlisted" not in video.fates:
                yield video

    def cancel(self, video: Video) -> None:
        video.stop(self.clock.now())
        self._tell(video)

    def delete(self, video: Video) -> None:
        video.stop(self.clock.now())
        video.is_deleted = True
        self._shelves[(video.account.name, video.dialect)].remove(video)

    def forget(self, dialect: str | None = None, account: str | None = None) -> int:
        """Lose every video of a dialect, of an account or at all, as a restart of a server without a disk does.

        Finished objects in buckets stay; the books stay.
        """
        lost = [
            video
            for video in self.videos.values()
            if dialect in (None, video.dialect) and account in (None, video.account.name)
        ]
        for video in lost:
            video.stop(self.clock.now())
            video.is_forgotten = True
            del self.videos[video.id]
        self._shelves = {key: [v for v in shelf if not v.is_forgotten] for key, shelf in self._shelves.items()}
        return len(lost)

    def reset(self) -> None:
        """Back to an empty provider as it was started, on the same ports, in real time."""
        self.forget()
        for store in (self.files, self.buckets, self._shelves):
            store.clear()
        self.rules.clear()
        self.books.reset()
        self.accounts.clear()
        self.clock.reset()
        self.options = self.initial

    async def clip(self, video: Video, sample: int = 0) -> Clip:
        return await self.studio.clip(shot_of(video, self.options, sample))

    def _running_time(self, fates: dict[str, Fault]) -> float:
        if "stuck" in fates:
            return float("inf")
        if "takes" in fates:
            return fates["takes"].number("seconds", self.options.generation_s)
        return self.options.generation_s * (1 + self.options.jitter * self.random.uniform(-1, 1))

    def _tell(self, video: Video) -> None:
        for listener in self.listeners:
            listener(video)


def new_world(options: Options) -> World:
    """An empty provider."""
    clock = Clock()
    chance = random.Random(options.seed or None)
    return World(
        options=options,
        initial=options,
        clock=clock,
        accounts=Accounts(clock),
        rules=RuleBook(chance),
        books=Books(),
        studio=Studio(options.render_threads, options.cache_bytes),
        wires=Wires(),
        random=chance,
    )


def facts_of(account: Account, dialect: str, wanted: Wanted | None) -> dict[str, str]:
    """What rules can match on for a call by this account."""
    facts = {"key": account.key, "dialect": dialect}
    return facts if wanted is None else {**facts, "model": wanted.model, "prompt": wanted.prompt}
