"""The poll hub: coroutines that wait for videos await updates; the hub asks the providers, lane by lane.

Where a provider can list, one request serves up to a hundred videos, and one process sweeps for all; videos that a
listing did not show, and those of providers that cannot list, are asked for one by one, around the time when they are
usually ready. A waiting coroutine costs no timer and no request of its own.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from db import lane_settings, retry
from db.connection import Pool
from jobqueue.channels import Channels
from worker.lane_poller import LanePoller
from worker.learned import LearnedTimes
from worker.pace import Pace
from worker.rounds import rounds
from worker.shared_sweeps import Others
from worker.translate import video_from_json
from worker.watch import Watch, Watched

_CEILINGS_S = 0.9


class PollHub:
    """One poller a lane that has somebody waiting. `pace` is the process's share of a lane's requests."""

    def __init__(self, pool: Pool, pace: Pace, times: LearnedTimes, channels: Channels) -> None:
        self._pool = pool
        self._pace = pace
        self._times = times
        self._channels = channels
        self._name = uuid4().hex
        self._pollers: dict[UUID, LanePoller] = {}

    @contextmanager
    def watching(self, video: Watched) -> Iterator[Watch]:
        """Inside the block the provider is asked for this video; await the watch's `next` until the verdict."""
        poller = self._pollers.get(video.lane_id)
        if poller is None or poller.finished:
            poller = self._pollers[video.lane_id] = self._poller(video)
        watch = Watch(video)
        poller.add(watch)
        try:
            yield watch
        finally:
            poller.remove(watch)
            if poller.idle and self._pollers.get(video.lane_id) is poller:
                del self._pollers[video.lane_id]

    def ask_now(self, lane_id: UUID, job_id: UUID) -> None:
        """A hint came in (a webhook): ask the provider for this video at once."""
        if poller := self._pollers.get(lane_id):
            poller.hurry(job_id)

    async def run(self, stop: asyncio.Event) -> None:
        """Keep to the lanes' ceilings as they are set now, until `stop`."""
        await rounds(self.read_ceilings, lambda: _CEILINGS_S, stop)

    async def read_ceilings(self) -> None:
        """One statement for all lanes that are polled; the last figures stand where Postgres is away."""
        if self._pollers:
            with suppress(*retry.UNAVAILABLE, *retry.CONTENDED):
                self._pace.ceilings = await lane_settings.ceilings(self._pool, list(self._pollers))

    def hear(self, message: dict[str, Any]) -> None:
        """What another process says of a lane's sweeps; of lanes that nobody here waits on there is nothing to hear."""
        poller = self._pollers.get(UUID(message["lane"]))
        if poller is None or message["from"] == self._name:
            return
        if "want" in message:
            poller.others.hear_want(message["from"], message)
        elif "hold" in message:
            poller.hold(float(message["hold"]))
        else:
            poller.others.hear_leader(message["from"])
            poller.shown(map(video_from_json, message["seen"]), message["missing"])

    async def close(self) -> None:
        await asyncio.gather(*(poller.close() for poller in self._pollers.values()))

    def _poller(self, video: Watched) -> LanePoller:
        if video.ceiling is not None:
            self._pace.ceilings.setdefault(video.lane_id, video.ceiling)
        others = Others(self._name, partial(self._say, video.lane_id))
        return LanePoller(video.lane_id, video.account, video.provider, self._pace, self._times, others)

    async def _say(self, lane_id: UUID, message: dict[str, Any]) -> None:
        """Tell the other processes; where there is none, nothing is said."""
        if self._pace.workers > 1:
            await self._channels.sweeping({"lane": str(lane_id), "from": self._name, **message})
