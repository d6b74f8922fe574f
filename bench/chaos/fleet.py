"""Processes that are killed, frozen and told to leave, and started again as a platform would."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from devstack.engines.watchdog import Watchdog
from devstack.environ import ROOT

_AGAIN_S = 0.5
_LOOK_S = 0.05


@dataclass
class Fall:
    """A process was killed, frozen or told to leave; `until` is when it was thawed."""

    at: float
    by: str
    until: float | None = None

    def outlasts(self, seconds: float) -> bool:
        """Whether it was longer than that; a death is."""
        return self.until is None or self.until - self.at > seconds


@dataclass
class Life:
    """One process, from its start to its end. Times are seconds since the epoch."""

    pid: int
    started_at: float
    ended_at: float | None = None
    exit_code: int | None = None
    falls: list[Fall] = field(default_factory=list)

    @property
    def ended_by_itself(self) -> bool:
        """Whether it ended before the fleet was told to leave, and nobody had killed it or told it to."""
        return self.exit_code is not None and not any(fall.by.startswith(("kill_", "term_")) for fall in self.falls)

    def stood(self, since: float, until: float) -> bool:
        """Whether it ran undisturbed all that time."""
        fell = any(fall.at <= until and (fall.until is None or fall.until >= since) for fall in self.falls)
        return self.started_at <= since and not fell and (self.ended_at is None or self.ended_at > until)


@dataclass
class Slot:
    """A place for one process at a time."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    watchdog: Watchdog
    lives: list[Life] = field(default_factory=list)
    process: "subprocess.Popen[bytes] | None" = None

    async def keep(self, stop: asyncio.Event) -> None:
        """Start it, and again whenever it ends, until `stop`."""
        while not stop.is_set():
            process, life = self._start()
            await _ended(process)
            life.ended_at = time.time()
            self.watchdog.forget(process.pid)
            if not stop.is_set():
                life.exit_code = process.returncode
                await asyncio.sleep(_AGAIN_S)

    def fell(self, number: signal.Signals, by: str) -> Fall | None:
        """Send the signal that disturbs it; None where it does not run."""
        if self.process is None or self.process.poll() is not None:
            return None
        fall = Fall(time.time(), by)
        self.lives[-1].falls.append(fall)
        self.process.send_signal(number)
        return fall

    def thaw(self, fall: Fall) -> None:
        """End a freeze of that very process."""
        if fall in self.lives[-1].falls and self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            fall.until = time.time()

    async def end(self, within_s: float) -> None:
        """SIGTERM, and SIGKILL after `within_s` seconds."""
        process = self.process
        if process is None:
            return
        for number in (signal.SIGCONT, signal.SIGTERM):
            with suppress(ProcessLookupError):
                process.send_signal(number)
        try:
            await asyncio.wait_for(_ended(process), within_s)
        except TimeoutError:
            process.kill()

    def _start(self) -> "tuple[subprocess.Popen[bytes], Life]":
        with self.log.open("ab") as sink:
            self.process = subprocess.Popen(
                list(self.command),
                cwd=ROOT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )
        self.watchdog.guard(self.process.pid, "KILL")
        life = Life(self.process.pid, time.time())
        self.lives.append(life)
        return self.process, life


@dataclass
class Fleet:
    """All processes of a run, kept running from `start` to `stop`."""

    apis: list[Slot]
    workers: list[Slot]
    simulator: Slot
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _keepers: list["asyncio.Task[None]"] = field(default_factory=list)

    def start(self, *slots: Slot) -> None:
        self._keepers += [asyncio.create_task(slot.keep(self._stop), name=slot.name) for slot in slots]

    async def leave(self, grace_s: float) -> None:
        """Let APIs and workers leave in order; nothing is started again."""
        self._stop.set()
        await asyncio.gather(*(slot.end(grace_s) for slot in (*self.apis, *self.workers)))

    def leavings(self) -> list[float]:
        """Seconds from each SIGTERM of the schedule to that process's end, however it came."""
        lives = [life for slot in (*self.apis, *self.workers) for life in slot.lives if life.ended_at is not None]
        told = [(fall.at, life.ended_at) for life in lives for fall in life.falls if fall.by.startswith("term_")]
        return [ended_at - at for at, ended_at in told if ended_at is not None]

    def unasked_ends(self) -> list[tuple[str, str]]:
        """Processes that ended though nobody wanted it."""
        lives = [(slot, life) for slot in (*self.apis, *self.workers) for life in slot.lives if life.ended_by_itself]
        return [(slot.name, f"ended with {life.exit_code}, see {slot.log}") for slot, life in lives]

    async def stop(self, grace_s: float) -> None:
        """Let everything leave, the simulator last."""
        await self.leave(grace_s)
        await self.simulator.end(grace_s)
        await asyncio.gather(*self._keepers)


async def _ended(process: "subprocess.Popen[bytes]") -> None:
    while process.poll() is None:  # noqa: ASYNC110 - looking costs less than a thread for each process
        await asyncio.sleep(_LOOK_S)
