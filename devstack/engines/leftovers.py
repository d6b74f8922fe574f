"""Servers and processes that a killed run left behind: recognised by their command line, then stopped.

A process id alone proves nothing, since ids are used again; and a zombie that nobody reaps still has its id.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path


def command_line(pid: int) -> str:
    """The command line of a running process; empty for one that is gone or a zombie."""
    if pid <= 0:
        return ""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    with suppress(OSError):  # no /proc, as on macOS
        listed = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False)
        return listed.stdout.decode(errors="replace").replace("<defunct>", "")
    return ""


def is_alive(pid: int, marker: str) -> bool:
    """Whether `pid` is a running process with `marker` in its command line."""
    return marker in command_line(pid)


def stop_leftover(pid: int, marker: str, signals: Sequence[signal.Signals], wait_s: float = 10) -> bool:
    """Send `signals` one after the other, `wait_s` apart, until the process is gone; True if there was one."""
    if not is_alive(pid, marker):
        return False
    for number in signals:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + wait_s
        while time.monotonic() < deadline:
            if not is_alive(pid, marker):
                return True
            time.sleep(0.02)
    return True
