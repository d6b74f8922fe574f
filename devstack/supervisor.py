"""Keeps processes running, as a platform's process manager would, and stops them in order.

A process that dies is started again after half a second. All are stopped by SIGTERM and get the grace they expect;
if we are killed ourselves, the watchdog stops them, and the next run stops what it missed.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

from devstack.backoff import PATIENCE, Backoff
from devstack.engines import Home
from devstack.engines.leftovers import stop_leftover
from devstack.errors import StartFailed
from devstack.plan import Part
from devstack.process import describe_exit, run_process, signal_session
from devstack.terminal import Terminal

REMEMBERED = "processes"


def stop_leftover_processes(home: Home) -> int:
    """Stop processes of an earlier run that nobody stopped; how many there were."""
    remembered = home.state.get_pids(REMEMBERED)
    signals = (signal.SIGTERM, signal.SIGKILL)
    return sum(stop_leftover(pid, marker, signals, wait_s=3) for pid, marker in remembered.items())


class Roster:
    """The processes that live now, known to the watchdog and to the next run."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._living: dict[int, str] = {}

    def add(self, pid: int) -> None:
        """A process of ours has started."""
        self._living[pid] = sys.executable
        self._home.watchdog.guard(pid, "TERM")
        self._home.state.save({REMEMBERED: self._living})

    def remove(self, pid: int) -> None:
        """A process of ours has ended."""
        self._living.pop(pid, None)
        self._home.watchdog.forget(pid)
        self._home.state.save({REMEMBERED: self._living})


class Keeper:
    """Runs one part over and over until it is told to stop."""

    def __init__(self, part: Part, roster: Roster, terminal: Terminal) -> None:
        self.part = part
        self.deaths = 0
        self.pid: int | None = None
        self._backoff = Backoff()
        self._roster = roster
        self._terminal = terminal
        self._stopping = asyncio.Event()
        self._is_renewing = False

    async def run(self) -> None:
        """Return when the part has stopped for good."""
        while not self._stopping.is_set():
            started = time.monotonic()
            code = await self.run_once()
            if self._stopping.is_set():
                return
            pause_s = 0.0 if self._is_renewing else self._backoff.after(time.monotonic() - started)
            if not self._is_renewing:
                self.deaths += 1
                outcome = f"{self.part.name} {describe_exit(code)}; starting it again in {pause_s:g} s"
                self._terminal.say(outcome, style="bold red")
            self._is_renewing = False
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause_s)

    async def run_once(self) -> int:
        """One life of the part; its exit code."""
        try:
            return await run_process(self.part, self._tell, self._started)
        finally:
            if self.pid is not None:
                self._roster.remove(self.pid)
                self.pid = None

    def stop(self) -> None:
        """Ask the part to stop, and start it no more."""
        self._stopping.set()
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Do not wait for it any longer."""
        if self.pid is not None:
            signal_session(self.pid, signal.SIGKILL)

    def renew(self) -> None:
        """Stop the part and start it at once, with the code as it is now."""
        if self.pid is not None:
            self._is_renewing = True
            self._signal(signal.SIGTERM)

    def _started(self, pid: int) -> None:
        self.pid = pid
        self._roster.add(pid)
        if self._stopping.is_set():
            self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def _tell(self, line: str) -> None:
        self._terminal.process_line(self.part.name, self.part.colour, line)


class Supervisor:
    """Async context manager: all parts that were started are gone at its end."""

    def __init__(self, home: Home, terminal: Terminal, grace_s: float) -> None:
        self._terminal = terminal
        self._grace_s = grace_s
        self._roster = Roster(home)
        self._keepers: dict[str, Keeper] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._hurry = asyncio.Event()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stopping = asyncio.ensure_future(self._stop_all())
        while not stopping.done():
            # A second Ctrl-C cancels us again: it means "faster", and never "leave them behind".
            with suppress(asyncio.CancelledError):
                await asyncio.shield(stopping)
        stopping.result()

    async def run_to_end(self, part: Part) -> None:
        """Run a part that ends by itself. Raises StartFailed if it fails."""
        code = await Keeper(part, self._roster, self._terminal).run_once()
        if code:
            raise StartFailed(f"{part.name} {describe_exit(code)}; it says why above.")

    def start(self, *parts: Part) -> None:
        """Keep these running."""
        for part in parts:
            keeper = Keeper(part, self._roster, self._terminal)
            self._keepers[part.name] = keeper
            self._tasks[part.name] = asyncio.create_task(keeper.run(), name=part.name)

    def renew(self, stage: int = 0) -> None:
        """Restart all parts of a stage at once."""
        for keeper in self._of_stage(stage):
            keeper.renew()

    def check(self) -> None:
        """For the time before all are ready: raise StartFailed if a part has died again and again."""
        for keeper in self._keepers.values():
            if keeper.deaths >= PATIENCE:
                raise StartFailed(f"{keeper.part.name} died {keeper.deaths} times at its start; it says why above.")

    def hurry(self) -> None:
        """Kill what has not stopped yet."""
        self._hurry.set()

    async def _stop_all(self) -> None:
        for stage in sorted({keeper.part.stage for keeper in self._keepers.values()}):
            keepers = list(self._of_stage(stage))
            tasks = [self._tasks[keeper.part.name] for keeper in keepers]
            for keeper in keepers:
                keeper.stop()
            await self._wait(tasks)
            for keeper in keepers:
                keeper.kill()
            await asyncio.gather(*tasks)

    async def _wait(self, tasks: list[asyncio.Task[None]]) -> None:
        """Until all have ended, the grace is over, or somebody is in a hurry."""
        hurry = asyncio.ensure_future(self._hurry.wait())
        everyone = asyncio.ensure_future(asyncio.wait(tasks))
        await asyncio.wait([everyone, hurry], timeout=self._grace_s, return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()
        everyone.cancel()
        await asyncio.wait([hurry, everyone])

    def _of_stage(self, stage: int) -> Iterable[Keeper]:
        return (keeper for keeper in self._keepers.values() if keeper.part.stage == stage)
