"""A tiny process that outlives us by a moment: when we die, however we die, it stops what we started.

It reads from a pipe whose other end only we hold. The end of that pipe is our death, kill -9 included, on every
system. The last line it read is its plan: words `SIGNAL:pid`, and `WAIT`, which gives those signalled so far five
seconds and then kills them and their children, so that ours are gone before the servers they use.
"""

from __future__ import annotations

import subprocess
import threading
from contextlib import suppress
from types import TracebackType
from typing import IO, Self

SCRIPT = """
plan=; sent=
while read -r line; do plan=$line; done
alive() { for pid in $sent; do kill -0 "$pid" 2>/dev/null && return 0; done; return 1; }
for step in $plan; do
  if [ "$step" = WAIT ]; then
    turns=0
    while alive && [ "$turns" -lt 50 ]; do sleep 0.1; turns=$((turns + 1)); done
    for pid in $sent; do kill -KILL "-$pid" 2>/dev/null; done
  else
    kill -"${step%%:*}" "${step##*:}" 2>/dev/null && sent="$sent ${step##*:}"
  fi
done
"""


class Watchdog:
    """Context manager around that process. `guard` and `forget`, from any thread, keep its plan true."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: dict[int, str] = {}
        self._engines: dict[int, str] = {}
        self._shell: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", SCRIPT],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shell is not None:
            self._shell.kill()
            if self._shell.stdin is not None:
                with suppress(OSError):
                    self._shell.stdin.close()
            self._shell.wait()
            self._shell = None

    def guard(self, pid: int, signal_name: str, *, engine: bool = False) -> None:
        """From now on send `signal_name` to `pid`, the leader of a session, if we die.

        Engines get theirs after all others are gone.
        """
        with self._lock:
            (self._engines if engine else self._processes)[pid] = signal_name
            self._tell()

    def forget(self, pid: int) -> None:
        """`pid` has ended: its id may soon be somebody else's."""
        with self._lock:
            self._processes.pop(pid, None)
            self._engines.pop(pid, None)
            self._tell()

    def _tell(self) -> None:
        pipe: IO[bytes] | None = self._shell.stdin if self._shell is not None else None
        if pipe is None:
            return
        words = [f"{name}:{pid}" for pid, name in self._processes.items()]
        words += ["WAIT"] if words else []
        words += [f"{name}:{pid}" for pid, name in self._engines.items()]
        with suppress(BrokenPipeError):  # somebody killed the watchdog: leftovers are found at the next start
            pipe.write((" ".join(words) + "\n").encode())
            pipe.flush()
