"""The poll hub: coroutines that wait for videos await updates; the hub asks the providers, lane by lane.

Where a provider can list, one request serves up to a hundred videos, every second or two; videos that a listing did not
show, and those of providers that cannot list, are asked for one by one at times that grow with their age. A waiting
coroutine costs no timer and no request of its own.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from worker.lane_poller import LanePoller, Pace
from worker.watch import Watch, Watched


class PollHub:
    """One poller a lane that has somebody waiting. `pace` is the process's share of a lane's requests."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._pollers: dict[UUID, LanePoller] = {}

    @contextmanager
    def watching(self, video: Watched) -> Iterator[Watch]:
        """Inside the block the provider is asked for this video; await the watch's `next` until the verdict."""
        poller = self._pollers.get(video.lane_id)
        if poller is None or poller.finished:
            poller = self._pollers[video.lane_id] = LanePoller(video.lane_id, video.provider, self._pace)
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

    async def close(self) -> None:
        await asyncio.gather(*(poller.close() for poller in self._pollers.values()))
