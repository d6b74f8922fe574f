"""What is left when the process above the engines dies without a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from devstack.engines import open_engines
from devstack.engines.leftovers import command_line
from devstack.engines.watchdog import SCRIPT

ROOT = Path(__file__).resolve().parents[3]
HOLDER = """
import sys, time
from pathlib import Path
from devstack.engines import start_engines, take_home
import subprocess
with take_home(Path(sys.argv[1])) as home, start_engines(home, durable=False) as engines:
    child = subprocess.Popen(["sleep", "600"], start_new_session=True)
    home.watchdog.guard(child.pid, "TERM")
    print(engines.postgres.pid, engines.valkey.pid, child.pid, home.watchdog._shell.pid, flush=True)
    time.sleep(600)
"""


def hold(home: Path) -> tuple[subprocess.Popen[str], list[int]]:
    command = [sys.executable, "-c", HOLDER, str(home)]
    holder = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": "."}
    )
    assert holder.stdout is not None
    pids = [int(word) for word in holder.stdout.readline().split()]
    assert len(pids) == 4
    return holder, pids


def kill(holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    assert holder.stdout is not None
    holder.stdout.close()


async def test_after_kill_9_the_watchdog_stops_processes_and_engines(
    short_tmp: Path, until: Callable[..., Any]
) -> None:
    holder, pids = hold(short_tmp / "home")

    kill(holder)

    await until(lambda: not any(command_line(pid) for pid in pids))
    assert "shut down" in (short_tmp / "home" / "logs" / "postgres.log").read_text()


async def test_with_the_watchdog_killed_too_the_next_run_stops_the_leftovers(
    short_tmp: Path, until: Callable[..., Any]
) -> None:
    holder, (postgres, valkey, child, watchdog) = hold(short_tmp / "home")
    os.kill(watchdog, signal.SIGKILL)
    kill(holder)
    assert command_line(postgres)
    assert command_line(valkey)

    with open_engines(short_tmp / "home", durable=False) as engines:
        assert engines.postgres is not None
        assert engines.postgres.is_running
        assert not command_line(postgres)
        assert not command_line(valkey)

    os.kill(child, signal.SIGKILL)


def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(short_tmp: Path) -> None:
    with open_engines(short_tmp / "home", durable=False):
        pid_file = next((short_tmp / "home").glob("pg*")) / "postmaster.pid"
        left = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getppid()), *left[1:]]) + "\n")

    with open_engines(short_tmp / "home", durable=False) as engines:
        assert engines.postgres is not None
        assert engines.postgres.is_running


def test_the_watchdog_needs_nothing_but_a_plain_shell() -> None:
    assert subprocess.run(["/bin/sh", "-n", "-c", SCRIPT], check=False).returncode == 0
