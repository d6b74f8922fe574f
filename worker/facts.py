"""Facts that must reach the database whoever owns the job by then: a paid video's id lives here until it is written.

A paid call and a record go on when the coroutine that made them is cancelled, when the lease is lost and while Postgres
is away; the process waits for them before it leaves, as long as its grace allows.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from loguru import logger

from db import retry

T = TypeVar("T")


class Facts:
    """Writes that outlive their coroutine. `pending` is how many are not yet taken by the database."""

    def __init__(self) -> None:
        self._writes: set[asyncio.Future[Any]] = set()

    @property
    def pending(self) -> int:
        return len(self._writes)

    async def record(self, write: Callable[[], Awaitable[T]]) -> T:
        """Run a guarded, idempotent write until the database takes it; cancelling the caller does not cancel it."""
        return await self.see_through(retry.until_done(write))

    async def see_through(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something to its end also where the caller is cancelled: a paid call, whose answer nobody gets again."""
        task = asyncio.create_task(work)
        self._writes.add(task)
        task.add_done_callback(self._written)
        return await asyncio.shield(task)

    async def settle(self, timeout_s: float) -> bool:
        """Wait for all writes at most that many seconds; False where some are still open."""
        if self._writes:
            await asyncio.wait(set(self._writes), timeout=timeout_s)
        return not self._writes

    def _written(self, task: "asyncio.Future[Any]") -> None:
        self._writes.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.opt(exception=task.exception()).debug("a fact was refused by the database", action="record")
