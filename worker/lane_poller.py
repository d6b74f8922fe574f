"""Asking one lane's provider about all videos of this process that wait there."""

import asyncio
import random
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from loguru import logger

from providers.base import Account, ListPage, Provider, RemoteStatus, RemoteVideo
from providers.errors import CredentialRefused, ProviderError, Rejected, TryLater
from worker.clock import boottime
from worker.learned import LearnedTimes
from worker.looks import How, Seen, next_look_in
from worker.pace import Pace, Turns
from worker.shared_sweeps import Others, Want
from worker.sweep import PAGE, Spot, Sweep, start_after
from worker.watch import Waiting, Watch

_TICK_S = 1.0
_LEAST_PAUSE_S = 0.05
_SWEEP_S = 1.0
_PAGE_S = 0.1
_WHOLE_S = 15.0
_WHOLE_PAGE_S = 2.0
_ENDED_AGAIN_S = 10.0
_FEW = 2
_SINGLE_AT_ONCE = 8
_REFUSED_S = 5.0
_NO_LISTING_S = 300.0
_LISTING_TROUBLE_S = 10.0
_HOOKS_GOOD_S = 600.0
_ENDED = (RemoteStatus.COMPLETED, RemoteStatus.FAILED, RemoteStatus.CANCELLED)


@dataclass
class LanePoller:
    """Polls while anybody waits, and ends with the last of them. `account` holds the key of the newest video to come,
    `finished` says that it ended."""

    lane_id: UUID
    account: Account
    provider: Provider
    pace: Pace
    times: LearnedTimes
    others: Others
    finished: bool = False
    _waiting: dict[str, Waiting] = field(default_factory=dict)
    _by_job: dict[UUID, Waiting] = field(default_factory=dict)
    _task: asyncio.Task[None] | None = None
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _held_until: float = 0.0
    _one_by_one_until: float = 0.0
    _from_newest_until: float = 0.0
    _hooks_good_until: float = 0.0
    _next_sweep: float = 0.0
    _next_whole: float = 0.0
    _has_swept: bool = False
    _asking: int = 0

    def __post_init__(self) -> None:
        self._turns = Turns(self.pace, self.lane_id)

    def add(self, watch: Watch) -> None:
        one, self.account = Waiting(watch), watch.video.account
        self._waiting[watch.video.provider_id] = self._by_job[watch.video.job_id] = one
        self._later(one)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"poll {self.lane_id}")

    def remove(self, watch: Watch) -> None:
        if (one := self._by_job.get(watch.video.job_id)) is None or one.watch is not watch:
            return
        del self._by_job[watch.video.job_id]
        if self._waiting.get(watch.video.provider_id) is one:
            del self._waiting[watch.video.provider_id]
        if not self._waiting:
            self._bell.set()

    @property
    def idle(self) -> bool:
        return not self._waiting

    def hurry(self, job_id: UUID) -> None:
        """Ask for this one at once; that its webhook came says that the others' will."""
        self._hooks_good_until = boottime() + _HOOKS_GOOD_S
        if one := self._by_job.get(job_id):
            one.is_wanted = True
            if one.asking is None and boottime() >= self._held_until:
                self._ask([one])

    def hold(self, seconds: float) -> None:
        """Ask nothing for so long: the provider said so, to this process or to another."""
        self._held_until = max(self._held_until, boottime() + seconds)

    def shown(self, videos: Iterable[RemoteVideo], missing: Iterable[str]) -> None:
        """Another process swept the listing for us: what it saw, and what it did not find."""
        for video in videos:
            self._tell(video)
        for provider_id in missing:
            if (one := self._waiting.get(provider_id)) and one.look_at <= boottime():
                one.is_missing = True
        self._bell.set()

    async def close(self) -> None:
        self.finished = True
        tasks = [task for task in (self._task, *(one.asking for one in self._by_job.values())) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while self._waiting and not self.finished:
            await self._safe_round()
            self._bell.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), self._pause_s())
        self.finished = True

    def _pause_s(self) -> float:
        """After a sweep until the next one may be: at once where it took longer than the pause between them."""
        if not self._has_swept:
            return _TICK_S
        return min(max(self._next_sweep - boottime(), _LEAST_PAUSE_S), _TICK_S)

    async def _safe_round(self) -> None:
        """One bad answer must not leave a lane's waiters without a poller."""
        try:
            await self._round()
        except Exception:  # noqa: BLE001 - the loop's top: whatever an adapter did, the others still wait
            self._broke()

    async def _round(self) -> None:
        now, self._has_swept = boottime(), False
        due = self._due(now)
        is_asked = bool(self.others.wants())
        if now < self._held_until or not (due or is_asked):
            return
        alone = [one for one in due if one.is_wanted or one.is_missing]
        listed = [one for one in due if not (one.is_wanted or one.is_missing)]
        if not self._lists(now) or (len(listed) <= _FEW and not is_asked):
            self._ask(due)
            return
        self._ask(alone)
        if now >= self._next_sweep:
            await self._sweep_or_want(listed, now)

    def _due(self, now: float) -> list[Waiting]:
        """Whoever is to be looked for by now; those whose time is over hear of it."""
        due: list[Waiting] = []
        for one in self._waiting.values():
            if one.video.until <= now:
                one.watch.nudge()
            if one.asking is None and (one.look_at <= now or one.is_wanted):
                due.append(one)
        return due

    def _lists(self, now: float) -> bool:
        return self.provider.abilities(self.account).can_list and now >= self._one_by_one_until

    async def _sweep_or_want(self, due: list[Waiting], now: float) -> None:
        """One process sweeps for all; the others say what they wait for and hear what it saw."""
        wants = self.others.wants()
        is_whole = now >= self._next_whole
        wanted = {*self._waiting} if is_whole else {one.video.provider_id for one in due}
        starts = [(want.youngest_s, want.after) for want in wants]
        if wanted:
            starts.append(
                (min(now - self._waiting[one].video.since for one in wanted), self._start(due, is_whole, now))
            )
        youngest_s, after = min(starts, key=lambda start: (start[1] is not None, start[0]))
        if self.others.somebody_leads():
            self._next_sweep = now + _SWEEP_S
            self._next_whole = now + _WHOLE_S if is_whole else self._next_whole
            await self.others.ask_leader(wanted, after, youngest_s)
        else:
            await self._sweep(wanted, wants, after, is_whole=is_whole)

    def _start(self, due: list[Waiting], is_whole: bool, now: float) -> str | None:
        if is_whole or now < self._from_newest_until:
            return None
        not_due = (Spot(one.video.provider_id, one.video.since) for one in self._waiting.values() if one.look_at > now)
        return start_after([one.video.since for one in due], not_due)

    async def _sweep(self, wanted: set[str], wants: Sequence[Want], after: str | None, *, is_whole: bool) -> None:
        began, self._has_swept = boottime(), True
        asked = {provider_id for want in wants for provider_id in want.provider_ids}
        sweep = Sweep(self._read_page, self._waiting.__contains__, wanted | asked)
        for_others: list[RemoteVideo] = []
        try:
            async for video in sweep.videos(after):
                self._tell(video)
                if video.provider_id in asked:
                    for_others.append(video)
        except ProviderError as error:
            await self._not_listed(wanted, after, error)
            return
        finally:
            self._next_sweep = began + max(_SWEEP_S, sweep.pages * _PAGE_S) * random.uniform(1.0, 1.1)
            if is_whole:
                self._next_whole = began + max(_WHOLE_S, sweep.pages * _WHOLE_PAGE_S)
        self.shown((), sweep.wanted)
        await self.others.tell(wants, for_others, sweep.wanted & asked)

    async def _read_page(self, cursor: str | None) -> ListPage:
        await self._turns.wait()
        return await self.provider.list_recent(self.account, cursor, PAGE)

    async def _not_listed(self, wanted: set[str], after: str | None, error: ProviderError) -> None:
        """A listing that fails is no reason to leave its videos waiting: unless the lane is held, each is asked for."""
        logger.warning("the lane's listing failed", action="poll", lane=str(self.lane_id), error=error.code)
        await self._note_hold(error)
        if after is not None and not isinstance(error, TryLater | CredentialRefused):
            self._from_newest_until = boottime() + _NO_LISTING_S
            return
        self._one_by_one_until = boottime() + (_NO_LISTING_S if isinstance(error, Rejected) else _LISTING_TROUBLE_S)
        one = next((self._waiting[each] for each in wanted if each in self._waiting), None)
        if isinstance(error, CredentialRefused) and one is not None:
            one.watch.tell(error)

    def _ask(self, due: Iterable[Waiting]) -> None:
        """Ask for each by itself, a few at once, in turn with the lane's ceiling; one that hangs delays no other."""
        for one in sorted(due, key=lambda one: (not one.is_wanted, one.look_at))[: _SINGLE_AT_ONCE - self._asking]:
            self._asking += 1
            one.is_wanted = False
            one.asking = asyncio.create_task(self._ask_one(one))
            one.asking.add_done_callback(partial(self._asked, one))

    def _asked(self, one: Waiting, _: object) -> None:
        one.asking = None
        self._asking -= 1
        if self._asking <= _SINGLE_AT_ONCE // 2:
            self._bell.set()

    async def _ask_one(self, one: Waiting) -> None:
        await self._turns.wait()
        video = one.video
        if boottime() < self._held_until or self._by_job.get(video.job_id) is not one:
            return
        try:
            self._tell(await self.provider.poll(video.account, video.provider_id, video.model), alone=True)
        except ProviderError as error:
            await self._note_hold(error)
            self._later(one)
            one.told = None
            one.watch.tell(error)
        except Exception:  # noqa: BLE001 - a task's top: whatever an adapter did, the video is asked for again
            self._broke()

    def _broke(self) -> None:
        logger.exception("polling the lane broke", action="poll", lane=str(self.lane_id))
        self.hold(_TICK_S)

    def _tell(self, video: RemoteVideo, *, alone: bool = False) -> None:
        """Let the waiter know what is new; where nothing is, it sleeps on."""
        if (one := self._waiting.get(video.provider_id)) is None:
            return
        one.is_missing = one.is_missing and alone
        age_s = boottime() - one.video.since
        news = (video.raw_status, video.progress)
        if video.status in _ENDED:
            one.look_at = boottime() + _ENDED_AGAIN_S
            if video.status is RemoteStatus.COMPLETED and news != one.told:
                self.times.note(one.video.sort, (one.not_ready_s + age_s) / 2 if one.not_ready_s else age_s)
        else:
            one.not_ready_s = age_s
            self._later(one, video.progress, video.poll_after_s)
        if video.status in _ENDED or video.is_without_output or news != one.told:
            one.told = news
            one.watch.tell(video)

    def _later(self, one: Waiting, progress: int | None = None, wished_s: float | None = None) -> None:
        now = boottime()
        how: How = "hooked" if now < self._hooks_good_until else "single"
        if self._lists(now) and not one.is_missing:
            how = "listed"
        seen = Seen(now - one.video.since, progress)
        one.look_at = now + next_look_in(seen, self.times.usual(one.video.sort), how, wished_s)

    async def _note_hold(self, error: ProviderError) -> None:
        """A refusal to answer slows the whole lane, also one that no waiting mends, and in every process."""
        if isinstance(error, CredentialRefused):
            self.hold(_REFUSED_S)
        elif isinstance(error, TryLater) and error.whole_lane:
            seconds = max(error.retry_after_s or 0, _TICK_S)
            self.hold(seconds)
            if error.status == 429:
                await self.others.hold(seconds)
