"""Sends webhooks when videos end: at least once, tried again where they are not taken, spoilt where a fault says so."""

import asyncio
import heapq
from collections.abc import Iterator

import httpx

from reelwork.simulator.events import Event, events_of
from reelwork.simulator.faults.kinds import Endpoint, Fault
from reelwork.simulator.faults.rules import Situation
from reelwork.simulator.videos import Video
from reelwork.simulator.world import World, facts_of

_ATTEMPTS = 6
_FIRST_PAUSE_S = 0.5
_TIMEOUT_S = 10.0
_TICK_S = 0.05


class Courier:
    """Watches videos that somebody wants to hear about. Order between events is not promised."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._due: list[tuple[float, int, Video]] = []
        self._told: set[str] = set()
        self._news = asyncio.Event()
        world.listeners.append(self._noted)

    async def run(self) -> None:
        """Deliver until cancelled."""
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as http, asyncio.TaskGroup() as deliveries:
            while True:
                if not self._due:
                    self._news.clear()
                    await self._news.wait()
                for video in self._ended():
                    for event in events_of(video, self._world.options, self._world.clock.now()):
                        deliveries.create_task(self._deliver(http, event, self._faults(video)))
                await asyncio.sleep(_TICK_S)

    def _noted(self, video: Video) -> None:
        is_wanted = video.wanted.callbacks or (video.dialect == "openai" and self._world.options.webhook_url)
        if is_wanted and video.id not in self._told and video.ended_at() != float("inf"):
            heapq.heappush(self._due, (video.ended_at(), video.serial, video))
            self._news.set()

    def _ended(self) -> Iterator[Video]:
        while self._due and self._due[0][0] <= self._world.clock.now():
            video = heapq.heappop(self._due)[2]
            if video.id not in self._told and not video.is_forgotten and not video.is_deleted:
                self._told.add(video.id)
                yield video

    def _faults(self, video: Video) -> dict[str, Fault]:
        situation = Situation(Endpoint.WEBHOOK, facts_of(video.account, video.dialect, video.wanted))
        return {fault.name: fault for fault in self._world.rules.strike(situation, video.rules)}

    async def _deliver(self, http: httpx.AsyncClient, event: Event, faults: dict[str, Fault]) -> None:
        if "lost" in faults:
            self._world.books.webhooks["lost"] += 1
            return
        if "late" in faults:
            await asyncio.sleep(faults["late"].number("seconds", 2))
        for _ in range(2 if "duplicate" in faults else 1):
            await self._send(http, event, faults)

    async def _send(self, http: httpx.AsyncClient, event: Event, faults: dict[str, Fault]) -> None:
        for attempt in range(_ATTEMPTS):
            sent_at = self._world.clock.now() + self._world.options.skew_s
            if "stale" in faults:
                sent_at -= faults["stale"].number("seconds", 3600)
            headers = event.headers(sent_at, is_forged="bad-signature" in faults)
            if await self._is_taken(http, event, headers):
                self._world.books.webhooks["taken"] += 1
                return
            self._world.books.webhooks["refused"] += 1
            await asyncio.sleep(_FIRST_PAUSE_S * 2**attempt)
        self._world.books.webhooks["given_up"] += 1

    async def _is_taken(self, http: httpx.AsyncClient, event: Event, headers: dict[str, str]) -> bool:
        try:
            response = await http.post(event.url, content=event.body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        return response.is_success
