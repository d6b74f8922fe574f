"""The runner: one coroutine for each video this process holds, thousands at a time."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from loguru import logger

from db.work import WorkItem
from worker.held import Held
from worker.tools import Tools
from worker.video import run_video

_READY_MOST = 16
"""Starts in preparation at once: with more, the last ones would leave long after their stamps."""


class Runner:
    """Starts, finds and stops the coroutines of videos. `on_room` is called when one of them ended, and when enough
    starts have left for the next ones to be claimed."""

    def __init__(self, tools: Tools, on_room: Callable[[UUID], None]) -> None:
        self._tools = tools
        self._on_room = on_room
        self._held: dict[UUID, Held] = {}
        self._takes: set[object] = set()
        self._preparing = 0
        self._submitting = 0

    @property
    def in_flight(self) -> int:
        return len(self._held)

    def room(self) -> int:
        """How many more videos this process would claim now."""
        policies = self._tools.policies
        sendable = min(policies.max_submissions - self._submitting, _READY_MOST - self._preparing)
        return max(min(policies.max_in_flight - len(self._held), sendable), 0)

    def held(self) -> dict[UUID, Held]:
        """Everything in this process's hands, by job."""
        return dict(self._held)

    @contextmanager
    def taking(self) -> Iterator[None]:
        """Around a statement that makes rows this process's own and the start of their coroutines."""
        take = object()
        self._takes.add(take)
        try:
            yield
        finally:
            self._takes.discard(take)

    @property
    def takes(self) -> frozenset[object]:
        """The takings under way: their rows are ours already and run nowhere yet."""
        return frozenset(self._takes)

    def start(self, items: Iterable[WorkItem], claimed_at: float | None = None) -> None:
        """Run videos that the database gave to this process; an older coroutine of the same job is stopped first."""
        for item in items:
            if (old := self._held.get(item.id)) and old.task:
                old.task.cancel()
            held = Held(item.id, item.lane_id, item.epoch, item.state)
            held.cancel_wanted = item.cancel_requested_at is not None
            if claimed_at is not None:
                self._preparing += 1
                self._submitting += 1
                held.on_leaving = partial(self._one_leaves, item.lane_id)
                held.on_sent = self._one_sent
            self._held[item.id] = held
            held.task = asyncio.create_task(self._run(item, held, claimed_at), name=f"video {item.id}")
            # Not in the coroutine's own `finally`: one that is cancelled before its first step never gets there.
            held.task.add_done_callback(partial(self._ended, held))

    def stop(self, job_ids: Iterable[UUID]) -> list[asyncio.Task[None]]:
        """Cancel these coroutines; returns them, to be awaited."""
        tasks = [held.task for job_id in job_ids if (held := self._held.get(job_id)) and held.task]
        for task in tasks:
            task.cancel()
        return tasks

    async def _run(self, item: WorkItem, held: Held, claimed_at: float | None) -> None:
        try:
            await run_video(self._tools, item, held, claimed_at)
        except Exception:  # noqa: BLE001 - the coroutine's top: the row stays ours, the reconcile loop starts it again
            logger.bind(job_id=str(item.id), stage=held.stage, provider=item.kind).exception("a step broke")
            await asyncio.sleep(5)

    def _ended(self, held: Held, _: object) -> None:
        held.sent()
        if self._held.get(held.job_id) is held:
            del self._held[held.job_id]
        self._on_room(held.lane_id)

    def _one_leaves(self, lane_id: UUID) -> None:
        self._preparing -= 1
        if self._preparing in (0, _READY_MOST // 2):
            self._on_room(lane_id)

    def _one_sent(self) -> None:
        self._submitting -= 1
