"""One process's ear on all jobs: one subscription and a few statements a second, whatever the number of listeners.

What Redis tells only says where to look; the news come from Postgres. Once a second the newest lines are looked at
without being told, so that nothing is missed while Redis is away.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from loguru import logger

from app.bell import Bell
from app.live.watched import Watched
from db import feed, reads
from db.connection import Pool
from db.feed import Look
from db.reads import SeenJob
from db.retry import CONTENDED, UNAVAILABLE
from db.tables import JobEvent

_LOOK_EVERY_S = 1.0
_GATHER_S = 0.05
_OVERLAP_S = 12.0
"""Longer than any statement may run: by then, lower ids than the newest one have all appeared."""
_MOST_UNREAD = 500
_MOST_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class News:
    """A job as it stands, with the lines that its timeline has gained."""

    job: SeenJob
    lines: tuple[JobEvent, ...]


@dataclass(frozen=True, slots=True)
class Percent:
    """The provider's newest figure of a running job."""

    job_id: UUID
    percent: int


@dataclass(eq=False)
class Listener:
    """A queue of what one listener has not read yet; one that reads too slowly is `lost` and has to come again."""

    watched: Watched
    unread: asyncio.Queue[News | Percent | None] = field(default_factory=lambda: asyncio.Queue(_MOST_UNREAD))
    lost: bool = False

    def tell(self, told: News | Percent) -> None:
        if self.lost:
            return
        if self.unread.qsize() >= _MOST_UNREAD - 1:
            self.end()
        else:
            self.unread.put_nowait(told)

    def end(self) -> None:
        """Nothing more comes after what is unread."""
        if not self.lost:
            self.lost = True
            self.unread.put_nowait(None)


class Feed:
    """Listens while anybody does."""

    def __init__(self, pool: Pool, bell: Bell, look: Look | None = None) -> None:
        self._pool = pool
        self._bell = bell
        self._look = look or Look()
        self._listeners: dict[object, set[Listener]] = {}
        self._named: set[UUID] = set()
        self._seen: dict[UUID, int] = {}
        self._heads: deque[tuple[float, int]] = deque()
        self._floor = 0
        self._rows: dict[UUID, SeenJob] = {}
        self._bell_rang = asyncio.Event()
        self._follows = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def listening(self, watched: Watched) -> AsyncIterator[Listener]:
        """Within the block, everything that is committed reaches the listener; some of it may be a little older."""
        listener = Listener(watched)
        self._listeners.setdefault(watched.key, set()).add(listener)
        if not self._tasks:
            self._start()
        try:
            await self._follows.wait()
            yield listener
        finally:
            self._listeners[watched.key].discard(listener)
            if not self._listeners[watched.key]:
                del self._listeners[watched.key]
            if not self._listeners:
                self._stop()

    async def close(self) -> None:
        tasks = self._stop()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _start(self) -> None:
        self._follows = asyncio.Event()
        self._heads.clear()
        self._seen.clear()
        self._tasks = [asyncio.create_task(loop(), name=loop.__name__) for loop in (self._follow, self._hear)]

    def _stop(self) -> list[asyncio.Task[None]]:
        stopped, self._tasks = self._tasks, []
        for task in stopped:
            task.cancel()
        return stopped

    async def _hear(self) -> None:
        """Take in what Redis names, as soon as it is known under which installation."""
        while True:
            if (channels := await self._bell.channels()) is not None:
                async for message in channels.changes():
                    with suppress(KeyError, ValueError, TypeError):
                        self._heard(message)
            await asyncio.sleep(_LOOK_EVERY_S)

    def _heard(self, message: dict[str, Any]) -> None:
        """Progress goes to its listeners at once; of a changed job the news are read."""
        if percents := message.get("progress"):
            for job_id, percent in percents.items():
                self._progressed(Percent(UUID(job_id), int(percent)))
        else:
            self._named.add(UUID(message["jobId"]))
            self._bell_rang.set()

    async def _follow(self) -> None:
        while True:
            try:
                await self._look_once()
            except (*UNAVAILABLE, *CONTENDED) as error:
                logger.warning("changes could not be read", action="events", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell_rang.wait(), _LOOK_EVERY_S)
                await asyncio.sleep(_GATHER_S)
            self._bell_rang.clear()

    async def _look_once(self) -> None:
        named, self._named = self._named, set()
        await self._raise_floor()
        self._follows.set()
        changed = named.union(await feed.changed(self._pool, self._floor, self._look))
        wanted = {job_id: self._seen.get(job_id, self._floor) for job_id in changed if self._is_wanted(job_id)}
        lines = await feed.lines(self._pool, wanted, self._look) if wanted else []
        by_job: dict[UUID, list[JobEvent]] = {}
        for line in lines:
            by_job.setdefault(line.job_id, []).append(line)
            self._seen[line.job_id] = line.id
        self._seen = {job_id: last for job_id, last in self._seen.items() if last > self._floor}
        for job in await reads.jobs(self._pool, list(by_job), None) if by_job else []:
            self._tell(News(job, tuple(by_job[job.row.id])))

    async def _raise_floor(self) -> None:
        """The floor follows the newest id, a while behind it."""
        now = asyncio.get_running_loop().time()
        newest = await feed.newest(self._pool)
        if not self._heads:
            self._floor = newest
        self._heads.append((now, newest))
        while len(self._heads) > 1 and self._heads[1][0] < now - _OVERLAP_S:
            self._heads.popleft()
        if self._heads[0][0] < now - _OVERLAP_S:
            self._floor = max(self._floor, self._heads[0][1])

    def _is_wanted(self, job_id: UUID) -> bool:
        """Whether somebody might want to hear of it: told without knowing whose it is."""
        return job_id in self._listeners or any(not isinstance(key, UUID) for key in self._listeners)

    def _tell(self, news: News) -> None:
        row = news.job.row
        if len(self._rows) > _MOST_REMEMBERED:
            self._rows.clear()
        self._rows[row.id] = news.job
        for key in {row.id, row.storyboard_id, None}:
            for listener in self._listeners.get(key, ()):
                if listener.watched.includes(row):
                    listener.tell(news)

    def _progressed(self, percent: Percent) -> None:
        known = self._rows.get(percent.job_id)
        keys: set[object] = {percent.job_id, *((known.row.storyboard_id, None) if known else ())}
        for key in keys:
            for listener in self._listeners.get(key, ()):
                if known is None or listener.watched.includes(known.row):
                    listener.tell(percent)
