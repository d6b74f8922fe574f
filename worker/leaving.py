"""How a worker leaves on SIGTERM or SIGINT, within its grace, also while Redis or Postgres is away.

arq asks Redis before it calls its shutdown hook, so leaving does not depend on that hook: our handlers replace arq's,
give up what costs nothing at once, wait for paid calls and transfers as long as the grace allows, and then end arq.
"""

import asyncio
import os
import signal
import threading
from collections.abc import Coroutine
from typing import Any

from loguru import logger

from db import retry, workers
from worker.clock import boottime
from worker.held import Held
from worker.process import Process

_LAST_SECONDS = 5.0
"""What of the grace is kept for letting go of what was not done in time."""

_SPARE_S = 1.0
"""How long before the end of the grace the process ends, whatever hangs."""

_DATABASE_S = 1.0
_STOP_S = 1.0
_LOOK_S = 0.1
_AFTER_CANCEL_S = 2.0


class Leaving:
    """`main` is arq's main task, cancelled last."""

    def __init__(self, process: Process, main: "asyncio.Task[object]") -> None:
        self._process = process
        self._main = main
        self._task: asyncio.Task[None] | None = None

    def listen(self) -> None:
        """Put our handlers over arq's; a second signal changes nothing."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self.begin)

    def begin(self) -> None:
        if self._task is None:
            _end_in(max(self._process.policies.shutdown_grace_s - _SPARE_S, _SPARE_S))
            self._task = asyncio.create_task(self._leave(), name="leaving")

    async def _leave(self) -> None:
        deadline = boottime() + max(self._process.policies.shutdown_grace_s - _LAST_SECONDS, 1.0)
        try:
            await self.drain(deadline)
        finally:
            self._main.cancel()
            asyncio.get_running_loop().call_later(_AFTER_CANCEL_S, os._exit, 0)

    async def drain(self, deadline: float) -> None:
        """Let go of everything: at once what waits, by `deadline` (boottime) what is in the middle of something."""
        process = self._process
        process.me.draining = True
        logger.info("leaving", action="stop", held=process.runner.in_flight)
        await self._finish(deadline)
        process.me.left = True
        await self._stop(list(process.runner.held().values()))
        await _in_time(process.leave())
        await process.end_loops()
        logger.info("left", action="stop")

    async def _finish(self, deadline: float) -> None:
        """Wait for paid calls, transfers and unwritten facts; whatever else is held, or comes to wait, is freed.

        What claims and adoptions under way make ours is started first, to be let go of like the rest. Where Postgres is
        away, there is nobody to free anything to: that is tried until the deadline.
        """
        process, all_free = self._process, False
        while True:
            if process.runner.takes and boottime() < deadline:
                await asyncio.sleep(_LOOK_S / 10)
                continue
            held = list(process.runner.held().values())
            waiting = [one for one in held if not one.deserves_grace]
            if waiting or not all_free:
                await self._stop(waiting)
                all_free = await self._free([one for one in held if one.deserves_grace])
            is_done = all_free and len(held) == len(waiting) and not process.facts.pending
            if is_done or boottime() >= deadline:
                return
            await asyncio.sleep(_LOOK_S)

    async def _stop(self, held: list[Held]) -> None:
        stopped = self._process.runner.stop(one.job_id for one in held)
        if stopped:
            await asyncio.wait(stopped, timeout=_STOP_S)

    async def _free(self, keep: list[Held]) -> bool:
        """Give up every row but those; whether Postgres knows of it."""
        process = self._process
        return await _in_time(workers.release(process.pool, process.me.id, [one.job_id for one in keep]))


async def _in_time(call: Coroutine[Any, Any, object]) -> bool:
    """Whether the database has done it within a second; a call that hangs is cancelled, and not waited for."""
    task = asyncio.ensure_future(call)
    await asyncio.wait({task}, timeout=_DATABASE_S)
    if not task.done():
        task.cancel()
        return False
    error = task.exception()
    if error is not None and not isinstance(error, (*retry.UNAVAILABLE, *retry.CONTENDED)):
        logger.opt(exception=error).error("letting go failed", action="stop")
    return error is None


def _end_in(seconds: float) -> None:
    """The last resort, which needs no event loop: by then what could be told has been told."""
    timer = threading.Timer(seconds, os._exit, (0,))
    timer.daemon = True
    timer.start()
