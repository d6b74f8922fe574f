"""How a worker leaves on SIGTERM or SIGINT, within its grace, also while Redis or Postgres is away.

arq asks Redis before it calls its shutdown hook, so leaving does not depend on that hook: our handlers replace arq's,
give up what costs nothing at once, wait for paid calls and transfers as long as the grace allows, and then end arq.
"""

import asyncio
import os
import signal
from contextlib import suppress
from uuid import UUID

from loguru import logger

from db import retry, workers
from worker.clock import boottime
from worker.process import Process

_LAST_SECONDS = 5.0
_DATABASE_S = 2.0
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
        await process.claimer.close()
        busy = [held for held in process.runner.held().values() if held.deserves_grace]
        await self._let_go(keep=[held.job_id for held in busy])
        while busy and boottime() < deadline:
            tasks = [held.task for held in busy if held.task and held.deserves_grace and not held.task.done()]
            if not tasks:
                break
            await asyncio.wait(tasks, timeout=0.1, return_when=asyncio.FIRST_COMPLETED)
            await self._free_the_idle()
        await process.facts.settle(max(deadline - boottime(), 1.0))
        await self._let_go(keep=[])
        with suppress(TimeoutError, *retry.UNAVAILABLE, *retry.CONTENDED):
            async with asyncio.timeout(_DATABASE_S):
                await process.leave()
        await process.end_loops()
        logger.info("left", action="stop")

    async def _free_the_idle(self) -> None:
        """What was in the middle of something and now only waits is for others to go on with."""
        held = self._process.runner.held().values()
        if any(not one.deserves_grace for one in held):
            await self._let_go(keep=[one.job_id for one in held if one.deserves_grace])

    async def _let_go(self, keep: list[UUID]) -> None:
        process = self._process
        kept = set(keep)
        stopped = process.runner.stop(job_id for job_id in process.runner.held() if job_id not in kept)
        if stopped:
            await asyncio.wait(stopped, timeout=_DATABASE_S)
        with suppress(TimeoutError, *retry.UNAVAILABLE, *retry.CONTENDED):
            async with asyncio.timeout(_DATABASE_S):
                freed = await workers.release(process.pool, process.me.id, list(kept))
                logger.info("videos released", action="release", count=freed, kept=len(kept))
