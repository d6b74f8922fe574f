"""Asking one lane's provider about all videos of this process that wait there."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from loguru import logger

from providers.base import Account, Provider, RemoteStatus, RemoteVideo
from providers.errors import CredentialRefused, ProviderError, Rejected, TryLater
from worker.clock import boottime
from worker.watch import Watch

_SWEEP_S = 1.0
_SWEEP_PAGE = 100
_SWEEP_PAGES_MOST = 20
_SINGLE_AT_ONCE = 8
_REFUSED_S = 5.0
_NO_LISTING_S = 300.0
_LISTING_TROUBLE_S = 10.0
_ENDED = (RemoteStatus.COMPLETED, RemoteStatus.FAILED, RemoteStatus.CANCELLED)


@dataclass
class Pace:
    """How many requests a second a lane may get from this process: the lane's ceiling shared among living workers."""

    requests_per_second: float
    workers: int = 1

    def gap_s(self, ceiling: int | None) -> float:
        """Seconds between two requests; 0 where there is no ceiling."""
        limit = self.requests_per_second if ceiling is None else ceiling
        return self.workers / limit if limit else 0.0


def poll_again_in(age_s: float, wished_s: float | None) -> float:
    """Seconds until a video that is `age_s` old is asked for again: a tenth of its age, between 1 and 10."""
    return max(1.0, min(age_s / 10, 10.0), wished_s or 0) * random.uniform(0.9, 1.1)


@dataclass
class LanePoller:
    """Polls while anybody waits, and ends with the last of them. `finished` says that it ended."""

    lane_id: UUID
    provider: Provider
    pace: Pace
    finished: bool = False
    _watches: dict[UUID, Watch] = field(default_factory=dict)
    _due: dict[UUID, float] = field(default_factory=dict)
    _task: asyncio.Task[None] | None = None
    _bell: asyncio.Event = field(default_factory=asyncio.Event)
    _next_request: float = 0.0
    _held_until: float = 0.0
    _one_by_one_until: float = 0.0
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_SINGLE_AT_ONCE))
    _asking: dict[UUID, asyncio.Task[None]] = field(default_factory=dict)

    def add(self, watch: Watch) -> None:
        job_id = watch.video.job_id
        self._watches[job_id] = watch
        self._due[job_id] = boottime() + poll_again_in(boottime() - watch.video.since, None)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"poll {self.lane_id}")

    def remove(self, watch: Watch) -> None:
        self._watches.pop(watch.video.job_id, None)
        self._due.pop(watch.video.job_id, None)
        if not self._watches:
            self._bell.set()

    @property
    def idle(self) -> bool:
        return not self._watches

    def hurry(self, job_id: UUID) -> None:
        if job_id in self._due:
            self._due[job_id] = 0.0
            self._bell.set()

    async def close(self) -> None:
        self.finished = True
        tasks = [task for task in (self._task, *self._asking.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        while self._watches and not self.finished:
            await self._safe_round()
            self._bell.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), self._pause_s())
        self.finished = True

    async def _safe_round(self) -> None:
        """One bad answer must not leave a lane's waiters without a poller."""
        try:
            await self._round()
        except Exception:  # noqa: BLE001 - the loop's top: whatever an adapter did, the others still wait
            self._broke()

    def _pause_s(self) -> float:
        now = boottime()
        if now < self._held_until:
            return self._held_until - now
        return max(min(min(self._due.values(), default=now) - now, _SWEEP_S), 0.05)

    async def _round(self) -> None:
        first = next(iter(self._watches.values())).video
        now = boottime()
        due = [job_id for job_id, at in self._due.items() if at <= now]
        if not due or now < self._held_until:
            return
        if self.provider.abilities(first.account).can_list and now >= self._one_by_one_until:
            try:
                shown = await self._sweep(first.account, first.ceiling)
                due = [job_id for job_id in due if job_id not in shown]
            except ProviderError as error:
                self._not_listed(due[0], error)
        await self._ask(due)

    def _not_listed(self, job_id: UUID, error: ProviderError) -> None:
        """A listing that fails is no reason to leave its videos waiting: unless the lane is held, each is asked for."""
        logger.warning("the lane's listing failed", action="poll", lane=str(self.lane_id), error=error.code)
        self._hold(error)
        self._one_by_one_until = boottime() + (_NO_LISTING_S if isinstance(error, Rejected) else _LISTING_TROUBLE_S)
        if isinstance(error, CredentialRefused) and (watch := self._watches.get(job_id)):
            watch.tell(error)

    async def _sweep(self, account: Account, ceiling: int | None) -> set[UUID]:
        """Read the listing from its newest page until every watched video was shown; returns the jobs it showed."""
        wanted = {watch.video.provider_id: job_id for job_id, watch in self._watches.items()}
        shown: set[UUID] = set()
        cursor: str | None = None
        for _ in range(min(len(wanted) // 50 + 2, _SWEEP_PAGES_MOST)):
            await self._wait_turn(ceiling)
            page = await self.provider.list_recent(account, cursor, _SWEEP_PAGE)
            for video in page.videos:
                if job_id := wanted.pop(video.provider_id, None):
                    shown.add(job_id)
                    self._tell(job_id, video)
            cursor = page.cursor
            if not wanted or cursor is None:
                break
        return shown

    async def _ask(self, job_ids: list[UUID]) -> None:
        """Ask for each by itself, a few at once, in turn with the lane's ceiling; one that hangs delays no other."""
        for job_id in job_ids:
            self._later(job_id, None)
            if job_id in self._asking:
                continue
            await self._slots.acquire()
            self._asking[job_id] = task = asyncio.create_task(self._ask_one(job_id))
            task.add_done_callback(partial(self._asked, job_id))

    def _asked(self, job_id: UUID, _: asyncio.Task[None]) -> None:
        del self._asking[job_id]
        self._slots.release()

    async def _ask_one(self, job_id: UUID) -> None:
        watch = self._watches.get(job_id)
        if watch is None or boottime() < self._held_until:
            return
        video = watch.video
        await self._wait_turn(video.ceiling)
        try:
            self._tell(job_id, await self.provider.poll(video.account, video.provider_id, video.model))
        except ProviderError as error:
            self._hold(error)
            self._later(job_id, None)
            watch.tell(error)
        except Exception:  # noqa: BLE001 - a task's top: whatever an adapter did, the video is asked for again
            self._broke()

    def _broke(self) -> None:
        logger.exception("polling the lane broke", action="poll", lane=str(self.lane_id))
        self._held_until = boottime() + 1.0

    def _tell(self, job_id: UUID, video: RemoteVideo) -> None:
        watch = self._watches.get(job_id)
        if watch is None:
            return
        self._later(job_id, None if video.status in _ENDED else video.poll_after_s)
        watch.tell(video)

    def _later(self, job_id: UUID, wished_s: float | None) -> None:
        if watch := self._watches.get(job_id):
            self._due[job_id] = boottime() + poll_again_in(boottime() - watch.video.since, wished_s)

    def _hold(self, error: ProviderError) -> None:
        """A refusal to answer slows the whole lane, also one that no waiting mends."""
        if isinstance(error, CredentialRefused):
            self._held_until = boottime() + _REFUSED_S
        elif isinstance(error, TryLater) and error.whole_lane:
            self._held_until = boottime() + max(error.retry_after_s or 0, 1.0)

    async def _wait_turn(self, ceiling: int | None) -> None:
        gap_s = self.pace.gap_s(ceiling)
        now = boottime()
        turn = max(self._next_request, now)
        self._next_request = turn + gap_s
        if turn > now:
            await asyncio.sleep(turn - now)
