"""One embedded server: started, found ready, stopped, killed, started again on the same port.

Calls block and belong to no event loop, so that a server can outlive the loop of one test.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, ClassVar

from devstack.engines.identity import Identity
from devstack.engines.leftovers import stop_leftover
from devstack.engines.ports import pick_port
from devstack.engines.state import State
from devstack.engines.watchdog import Watchdog
from devstack.errors import EngineFailed

READY_WITHIN_S = 30.0
STOP_WITHIN_S = 10.0
START_AGAIN_WITHIN_S = 15.0
LOG_MAX_BYTES = 5_000_000


@dataclass(frozen=True, slots=True)
class Seat:
    """Where and as whom a server runs."""

    base: Path
    logs: Path
    identity: Identity
    state: State
    watchdog: Watchdog
    durable: bool


class Server(ABC):
    """What PostgreSQL and Valkey have in common."""

    name: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]
    # Words in the log of a start that fails for a reason that goes away by itself, or with another port.
    passing_troubles: ClassVar[tuple[str, ...]]

    def __init__(self, seat: Seat, directory: Path) -> None:
        self.seat = seat
        self.directory = directory
        self.log = seat.logs / f"{self.name}.log"
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where clients connect, password included."""

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def is_running(self) -> bool:
        """Whether the server's process lives."""
        return self.pid is not None

    def start(self) -> None:
        """Start, and return once it answers; the port stays the same for the life of this object.

        Raises EngineFailed with the end of the log.
        """
        if self.is_running:
            return
        self._reap()
        self.clear_leftovers()
        deadline = time.monotonic() + START_AGAIN_WITHIN_S
        while True:
            try:
                self._start_once()
                break
            except EngineFailed as error:
                if time.monotonic() > deadline or not any(word in error.log_tail for word in self.passing_troubles):
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        """Ask the server to stop and wait; harder after ten seconds each."""
        self._end(self.stop_signal, signal.SIGQUIT, signal.SIGKILL)

    def kill(self) -> None:
        """End the server as a power cut would: no chance to write anything."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Freeze the server's main process (SIGSTOP): connections stay open and nothing new is answered."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused server go on."""
        self._signal(signal.SIGCONT)

    @abstractmethod
    def clear_leftovers(self) -> None:
        """Stop what a killed run left on this directory."""

    @abstractmethod
    def arguments(self) -> Sequence[object]:
        """The command, for the present port."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether the server serves now."""

    def standard_input(self) -> bytes | None:
        """What the command reads at its start; for settings that must not be seen in a list of processes."""
        return None

    def spawn(self, arguments: Sequence[object], given: bytes | None, log: Path) -> subprocess.Popen[bytes]:
        """Start a command as the servers' user, away from the terminal's signals and our environment's secrets."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                [str(word) for word in arguments],
                stdin=subprocess.PIPE if given is not None else subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=self.seat.base,
                env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
                user=self.seat.identity.uid,
                group=self.seat.identity.gid,
                extra_groups=self.seat.identity.extra_groups,
                start_new_session=True,
            )
        if process.stdin is not None:
            with suppress(BrokenPipeError), process.stdin:
                process.stdin.write(given or b"")
        return process

    def remember_leftover(self, marker: str) -> None:
        """Save the running process, so that a later run can find it should nobody stop it."""
        if (pid := self.pid) is not None:
            self.seat.state.save({f"{self.name}_process": {pid: marker}, f"{self.name}_port": self.port})

    def stop_remembered(self) -> None:
        """Stop the process that an earlier run saved, if it is still there."""
        for pid, marker in self.seat.state.get_pids(f"{self.name}_process").items():
            stop_leftover(pid, marker, (self.stop_signal, signal.SIGKILL))

    def _start_once(self) -> None:
        # After the first start clients know the port: it must stay.
        self.port = self.port or pick_port(self.seat.state.get_int(f"{self.name}_port"))
        was_first = self._process is None
        _start_log_anew(self.log)
        written_before = self.log.stat().st_size if self.log.exists() else 0
        process = self.spawn(self.arguments(), self.standard_input(), self.log)
        self._process = process
        self.seat.watchdog.guard(process.pid, self.stop_signal.name.removeprefix("SIG"), engine=True)
        deadline = time.monotonic() + READY_WITHIN_S
        while not self.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                why = "was not ready in time" if process.returncode is None else f"exited with {process.returncode}"
                self.kill()
                if was_first:
                    self._process, self.port = None, 0
                raise EngineFailed(self.name, why, _tail(self.log, written_before))
            time.sleep(0.01)

    def _end(self, *signals: signal.Signals) -> None:
        process = self._process
        if process is None or process.poll() is not None:
            self._reap()
            return
        for number in signals:
            process.send_signal(number)
            process.send_signal(signal.SIGCONT)  # a paused process hears nothing else
            try:
                process.wait(STOP_WITHIN_S)
                break
            except subprocess.TimeoutExpired:
                continue
        self._reap()

    def _reap(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            self.seat.watchdog.forget(self._process.pid)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)


def _start_log_anew(log: Path) -> None:
    with suppress(FileNotFoundError):
        if log.stat().st_size > LOG_MAX_BYTES:
            log.replace(log.with_suffix(".log.old"))


def _tail(log: Path, since_bytes: int, lines: int = 15) -> str:
    file: IO[bytes]
    with log.open("rb") as file:
        file.seek(since_bytes)
        return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
