"""Processes under the supervisor, with stand-ins for the real ones."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest

from devstack.engines import Home
from devstack.engines.leftovers import command_line
from devstack.errors import StartFailed
from devstack.supervisor import Supervisor, stop_leftover_processes

SLEEP = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(600)"


async def test_lines_of_a_process_are_shown_behind_its_name(
    home: Home, screen: Any, python_part: Any, until: Callable[..., Any]
) -> None:
    async with Supervisor(home, screen, grace_s=5) as supervisor:
        supervisor.start(python_part("print('héllo'); print('last words', end='')", name="api"))
        await until(lambda: "last words" in screen.text)

    assert "api       | héllo\n" in screen.text


async def test_a_killed_process_is_back_after_half_a_second(
    home: Home, screen: Any, python_part: Any, until: Callable[..., Any]
) -> None:
    async with Supervisor(home, screen, grace_s=5) as supervisor:
        supervisor.start(python_part(SLEEP))
        await until(lambda: screen.text.count("| up") == 1)
        (pid,) = home.state.get_pids("processes")
        killed = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        await until(lambda: screen.text.count("| up") == 2)

        assert time.monotonic() - killed >= 0.5
        assert "was ended by SIGKILL; starting it again in 0.5 s" in screen.text
        assert list(home.state.get_pids("processes")) != [pid]


async def test_everything_is_gone_at_the_end_grandchildren_too(
    home: Home, screen: Any, python_part: Any, until: Callable[..., Any]
) -> None:
    grandchild = "import subprocess, sys; print(subprocess.Popen(['sleep', '600']).pid); import time; time.sleep(600)"
    async with Supervisor(home, screen, grace_s=5) as supervisor:
        supervisor.start(python_part(grandchild))
        await until(lambda: "stand-in  | " in screen.text)
        (pid,) = home.state.get_pids("processes")
        below = int(screen.text.split("| ")[1])

    assert not command_line(pid)
    await until(lambda: not command_line(below))
    assert home.state.get_pids("processes") == {}


async def test_a_process_that_ignores_sigterm_is_killed_when_its_grace_is_over(
    home: Home, screen: Any, python_part: Any, until: Callable[..., Any]
) -> None:
    async with Supervisor(home, screen, grace_s=0.2) as supervisor:
        supervisor.start(python_part(STUBBORN))
        await until(lambda: "| up" in screen.text)
        (pid,) = home.state.get_pids("processes")

    assert not command_line(pid)


async def test_a_second_ctrl_c_waits_for_nobody(
    home: Home, screen: Any, python_part: Any, until: Callable[..., Any]
) -> None:
    async def serve() -> None:
        async with Supervisor(home, screen, grace_s=600) as supervisor:
            supervisor.start(python_part(STUBBORN))
            await until(lambda: "| up" in screen.text)
            asyncio.get_running_loop().call_later(0.2, supervisor.hurry)

    await asyncio.wait_for(serve(), 20)


async def test_the_simulator_is_stopped_after_those_that_talk_to_it(
    home: Home, screen: Any, python_part: Any, until: Callable[..., Any]
) -> None:
    polite = (
        "import signal, sys, time\n"
        "def stop(*_): time.sleep(0.3); print('bye'); sys.exit()\n"
        "signal.signal(signal.SIGTERM, stop); print('up'); time.sleep(600)"
    )
    async with Supervisor(home, screen, grace_s=10) as supervisor:
        supervisor.start(python_part(polite, name="simulator", stage=1), python_part(polite, name="worker"))
        await until(lambda: screen.text.count("| up") == 2)

    assert screen.text.index("worker    | bye") < screen.text.index("simulator | bye")


async def test_a_part_that_cannot_start_is_named(
    home: Home, screen: Any, python_part: Any, until: Callable[..., Any]
) -> None:
    def broken() -> bool:
        try:
            supervisor.check()
        except StartFailed as error:
            return "api died 3 times" in str(error)
        return False

    async with Supervisor(home, screen, grace_s=5) as supervisor:
        supervisor.start(python_part("raise SystemExit('DATABASE_URL is wrong')", name="api"))
        await until(broken)

    assert "DATABASE_URL is wrong" in screen.text


async def test_a_migration_that_fails_stops_the_start(home: Home, screen: Any, python_part: Any) -> None:
    with pytest.raises(StartFailed, match="migrate ended with exit code 3"):
        async with Supervisor(home, screen, grace_s=5) as supervisor:
            await supervisor.run_to_end(python_part("raise SystemExit(3)", name="migrate"))


async def test_changed_code_renews_a_part_without_a_pause_or_a_complaint(
    home: Home, screen: Any, python_part: Any, until: Callable[..., Any]
) -> None:
    async with Supervisor(home, screen, grace_s=5) as supervisor:
        supervisor.start(python_part(SLEEP))
        await until(lambda: screen.text.count("| up") == 1)

        supervisor.renew()
        await until(lambda: screen.text.count("| up") == 2)

    assert "starting it again" not in screen.text


async def test_the_next_run_stops_processes_that_nobody_stopped(home: Home) -> None:
    orphan = await asyncio.create_subprocess_exec("sleep", "600", start_new_session=True)
    stranger = await asyncio.create_subprocess_exec("sleep", "601", start_new_session=True)
    home.state.save({"processes": {orphan.pid: "sleep", stranger.pid: "/some/other/program"}})

    assert await asyncio.to_thread(stop_leftover_processes, home) == 1

    assert await orphan.wait() == -signal.SIGTERM
    assert stranger.returncode is None
    stranger.kill()
    await stranger.wait()
