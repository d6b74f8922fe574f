"""The poll hub against a provider that counts what it is asked."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import uuid4

import pytest

from db.generation_times import Sort
from providers.base import Abilities, Account, ListPage, RemoteResult, RemoteStatus, RemoteVideo
from providers.errors import TryLater
from worker import lane_poller, looks, shared_sweeps
from worker.clock import boottime
from worker.hub import PollHub
from worker.learned import LearnedTimes
from worker.pace import Pace
from worker.sweep import Spot, start_after
from worker.watch import Watch, Watched

SORT = Sort("openai_videos", "", "sora-2", "4")
LANE = uuid4()
PATIENCE_S = 20


@dataclass
class CountingProvider:
    """Videos by id, newest first; `lists` and `polls` are the requests it got, with their moments."""

    can_list: bool = True
    videos: dict[str, RemoteVideo] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    lists: list[str | None] = field(default_factory=list)
    polls: list[str] = field(default_factory=list)
    asked_at: list[float] = field(default_factory=list)
    refusals: int = 0

    def abilities(self, account: Account) -> Abilities:
        return Abilities(can_list=self.can_list)

    async def list_recent(self, account: Account, cursor: str | None, limit: int) -> ListPage:
        self._asked()
        self.lists.append(cursor)
        names = [name for name in self.videos if name not in self.hidden]
        begin = names.index(cursor) + 1 if cursor else 0
        page = names[begin : begin + limit]
        more = page[-1] if begin + limit < len(names) else None
        return ListPage([self.videos[name] for name in page], more, None)

    async def poll(self, account: Account, provider_id: str, model: str) -> RemoteVideo:
        self._asked()
        self.polls.append(provider_id)
        return self.videos[provider_id]

    def _asked(self) -> None:
        self.asked_at.append(boottime())
        if self.refusals:
            self.refusals -= 1
            raise TryLater("rate_limited", "Slow down.", 429, 2.0)

    def make(self, count: int) -> list[str]:
        names = [f"video_{len(self.videos) + number}" for number in range(count)]
        self.videos = {name: running(name) for name in reversed(names)} | self.videos
        return names

    def finish(self) -> None:
        self.videos = {name: done(name) for name in self.videos}


def running(name: str) -> RemoteVideo:
    return RemoteVideo(name, RemoteStatus.RUNNING, "in_progress")


def done(name: str) -> RemoteVideo:
    return RemoteVideo(name, RemoteStatus.COMPLETED, "completed", result=RemoteResult(("https://x/y",)))


@dataclass
class Loopback:
    """Channels between hubs of this process; `is_down` as if Redis were away."""

    hubs: list[PollHub] = field(default_factory=list)
    is_down: bool = False

    async def sweeping(self, message: dict[str, Any]) -> None:
        for hub in () if self.is_down else self.hubs:
            hub.hear(message)


def hub_of(channels: Loopback, pace: Pace | None = None) -> PollHub:
    times = LearnedTimes(cast(Any, None))
    hub = PollHub(cast(Any, None), pace or Pace(0, workers=2), times, cast(Any, channels))
    channels.hubs.append(hub)
    return hub


def watched(provider: CountingProvider, name: str, age_s: float = 30, left_s: float = 300) -> Watched:
    account = Account("openai_videos", "http://x", "key")
    now = boottime()
    anyone = cast(Any, provider)
    return Watched(uuid4(), LANE, anyone, account, name, "sora-2", SORT, now - age_s, now + left_s)


@contextmanager
def waiting(hub: PollHub, provider: CountingProvider, names: list[str], **how: float) -> Iterator[list[Watch]]:
    with ExitStack() as stack:
        yield [stack.enter_context(hub.watching(watched(provider, name, **how))) for name in names]


async def verdicts(watches: list[Watch]) -> set[str]:
    async def verdict(watch: Watch) -> str:
        while not isinstance(video := await watch.next(), RemoteVideo) or video.result is None:
            pass
        return video.provider_id

    async with asyncio.timeout(PATIENCE_S):
        return set(await asyncio.gather(*map(verdict, watches)))


async def test_one_request_serves_a_hundred_videos() -> None:
    provider, hub = CountingProvider(), hub_of(Loopback())
    names = provider.make(250)
    provider.finish()

    with waiting(hub, provider, names) as watches:
        assert await verdicts(watches) == {*names}

    assert (len(provider.lists), provider.polls) == (3, [])


async def test_what_a_listing_does_not_show_is_asked_for_alone() -> None:
    provider, hub = CountingProvider(), hub_of(Loopback())
    names = provider.make(10)
    provider.finish()
    provider.hidden = {*names[3:8]}

    with waiting(hub, provider, names) as watches:
        assert await verdicts(watches) == {*names}

    assert sorted(provider.polls) == names[3:8]


def test_a_sweep_starts_after_the_oldest_that_is_surely_younger_than_all_that_may_be_due() -> None:
    not_due = [Spot("newest", 100), Spot("younger", 60), Spot("about as old", 51), Spot("older", 10)]

    assert start_after([20, 50], not_due) == "younger"
    assert start_after([20, 98], not_due) is None


async def test_nothing_is_asked_before_a_video_of_its_sort_can_be_ready() -> None:
    provider, hub = CountingProvider(can_list=False), hub_of(Loopback())
    for _ in range(30):
        hub._times.note(SORT, 150.0)
    young, ripe = provider.make(2)
    provider.finish()

    with waiting(hub, provider, [young], age_s=60), waiting(hub, provider, [ripe], age_s=149) as watches:
        assert await verdicts(watches) == {ripe}
    assert provider.polls == [ripe]


def test_an_unlistable_provider_is_asked_a_fifth_as_often_as_every_five_seconds() -> None:
    hub = hub_of(Loopback())
    for took_s in range(135, 166):
        hub._times.note(SORT, float(took_s))
    usual = hub._times.usual(SORT)
    asked = often = 0
    for took_s in range(135, 166):
        age_s = 0.0
        while age_s < took_s:
            age_s += looks.next_look_in(looks.Seen(age_s), usual, "single")
            asked += 1
        often += took_s // 5 + 1

    assert asked <= often / 5


async def test_one_process_sweeps_for_all_and_where_it_falls_silent_the_other_does() -> None:
    provider, channels = CountingProvider(), Loopback()
    hubs = sorted((hub_of(channels), hub_of(channels)), key=lambda hub: hub._name)
    first, second = provider.make(20), provider.make(20)

    with waiting(hubs[0], provider, first) as of_leader, waiting(hubs[1], provider, second) as of_follower:
        await until(lambda: lane(hubs[1]).others.somebody_leads())
        seen = len(provider.lists)
        provider.videos |= {name: done(name) for name in second}
        assert await verdicts(of_follower) == {*second}
        assert not lane(hubs[0]).others.somebody_leads()
        assert provider.polls == [] and len(provider.lists) <= seen + 4
        assert all(not watch._news.is_set() or watch._update is not None for watch in of_leader)
    third = provider.make(20)
    with waiting(hubs[0], provider, first), waiting(hubs[1], provider, third) as of_follower:
        await until(lambda: lane(hubs[1]).others.somebody_leads())
        channels.is_down = True
        provider.finish()
        assert await verdicts(of_follower) == {*third}


async def test_a_hint_asks_for_its_video_at_once() -> None:
    provider, hub = CountingProvider(can_list=False), hub_of(Loopback())
    (name,) = provider.make(1)
    for _ in range(30):
        hub._times.note(SORT, 150.0)
    provider.finish()

    with waiting(hub, provider, [name], age_s=1) as watches:
        hub.ask_now(LANE, watches[0].video.job_id)
        assert await verdicts(watches) == {name}


async def test_the_lanes_ceiling_is_kept_and_what_it_is_set_to_holds_at_once() -> None:
    provider, pace = CountingProvider(can_list=False), Pace(1000)
    hub = hub_of(Loopback(), pace)
    names = provider.make(60)
    pace.ceilings = {LANE: 10}

    with waiting(hub, provider, names):
        await until(lambda: len(provider.asked_at) >= 12)
        slow = provider.asked_at[:12]
        pace.ceilings = {}
        await until(lambda: len(provider.asked_at) >= 40)

    assert slow[-1] - slow[0] > 1.0, "twelve requests, and so eleven tenths of a second between them"


async def test_too_many_requests_slow_the_whole_lane_in_every_process() -> None:
    provider, channels = CountingProvider(can_list=False), Loopback()
    provider.refusals = 1
    hubs = [hub_of(channels), hub_of(channels)]
    (one, other) = provider.make(2)

    with waiting(hubs[0], provider, [one]):
        await until(lambda: bool(provider.asked_at))
        with waiting(hubs[1], provider, [other]):
            lane(hubs[1]).hold(lane(hubs[0])._held_until - boottime())
            await until(lambda: len(provider.asked_at) >= 2)

    assert provider.asked_at[1] - provider.asked_at[0] > 1.9


async def test_a_waiter_whose_time_is_over_is_woken() -> None:
    provider, hub = CountingProvider(), hub_of(Loopback())

    with waiting(hub, provider, provider.make(1), left_s=0.5) as (watch,):
        while True:
            async with asyncio.timeout(PATIENCE_S):
                update = await watch.next()
            if update is None:
                break
    assert boottime() >= watch.video.until


async def test_a_waiter_that_knows_it_all_sleeps_on() -> None:
    provider, hub = CountingProvider(), hub_of(Loopback())

    with waiting(hub, provider, provider.make(5)) as watches:
        await until(lambda: len(provider.lists) >= 3)
        heard = [await watch.next() for watch in watches]
        await until(lambda: len(provider.lists) >= 5)
        assert all(isinstance(update, RemoteVideo) for update in heard)
        assert not any(watch._news.is_set() for watch in watches)


def lane(hub: PollHub) -> lane_poller.LanePoller:
    return hub._pollers[LANE]


async def until(holds: Any) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.02)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_TICK_S", "_SWEEP_S"):
        monkeypatch.setattr(lane_poller, name, 0.1)
    monkeypatch.setattr(shared_sweeps, "SILENCE_S", 1.0)
