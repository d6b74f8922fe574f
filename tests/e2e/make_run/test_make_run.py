"""What somebody sees who has just cloned the project."""

from __future__ import annotations

import ipaddress
import re
import socket
import stat
from typing import Any

import av
import httpx
import psutil
import pytest

pytestmark = pytest.mark.timeout(400)

SERVING = "Ctrl-C stops everything"


def frames_in(path: Any) -> int:
    with av.open(str(path)) as film:
        return sum(1 for _ in film.decode(video=0))


def test_once_ends_well_with_four_playable_videos_and_a_second_run_leaves_eight(checkout: Any) -> None:
    first = checkout.make_run("ONCE=1")

    assert first.wait(150) == 0, first.text
    assert len(checkout.videos()) == 4
    assert all(frames_in(video) > 24 for video in checkout.videos())
    assert len(list((checkout.home / "videos").glob("**/*.webp"))) == 4
    assert re.search(r"watch 1-arrival: http\S+", first.text)
    for name in ("admin_key", "encryption_key", "state.json"):
        assert stat.S_IMODE((checkout.home / name).stat().st_mode) == 0o600
    assert checkout.processes() == []

    second = checkout.make_run("ONCE=1")

    assert second.wait(150) == 0, second.text
    assert len(checkout.videos()) == 8
    assert checkout.processes() == []


def test_ctrl_c_stops_everything_and_the_same_directory_serves_again(checkout: Any) -> None:
    run = checkout.make_run("SAMPLE=0")
    run.wait_for(SERVING)
    assert httpx.get(f"http://127.0.0.1:{checkout.port}/readyz", trust_env=False).status_code == 200

    run.ctrl_c()

    assert checkout.processes() == []
    again = checkout.make_run("SAMPLE=0")
    again.wait_for(SERVING)
    again.ctrl_c()
    assert checkout.processes() == []


def test_a_run_that_was_killed_leaves_nothing_in_the_way_of_the_next(checkout: Any) -> None:
    run = checkout.make_run("SAMPLE=0")
    run.wait_for(SERVING)
    run.supervisor.kill()
    run.wait()

    again = checkout.make_run("SAMPLE=0")
    again.wait_for(SERVING)

    again.ctrl_c()
    assert checkout.processes() == []


def test_when_make_itself_is_killed_everything_stops(checkout: Any) -> None:
    run = checkout.make_run("SAMPLE=0")
    run.wait_for(SERVING)
    family = [run.supervisor, *run.supervisor.children(recursive=True)]

    run.process.kill()

    _, alive = psutil.wait_procs(family, timeout=40)
    assert alive == []


def test_a_killed_worker_and_a_killed_engine_are_back(checkout: Any) -> None:
    run = checkout.make_run("SAMPLE=0", "WORKERS=2")
    run.wait_for(SERVING)
    commands = {process: " ".join(process.cmdline()) for process in checkout.processes()}
    workers = [process for process, command in commands.items() if "worker.WorkerSettings" in command]
    assert len(workers) == 2

    workers[0].kill()
    run.wait_for("was ended by SIGKILL; starting it again in 0.5 s")
    next(process for process, command in commands.items() if "valkey-server" in command).kill()
    run.wait_for("valkey died; starting it again")

    with httpx.Client(base_url=f"http://127.0.0.1:{checkout.port}", trust_env=False) as client:
        run.wait_for("reelwork  |")
        health = client.get("/api/health/worker").json()
    assert health["activeWorkers"] is True
    run.ctrl_c()


def test_a_taken_port_is_answered_with_the_variable_to_set(checkout: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", checkout.port))
        taken.listen()

        run = checkout.make_run()

        assert run.wait() != 0
    assert f"Port {checkout.port} is taken by another program. Set PORT" in run.text
    assert checkout.processes() == []


def test_two_checkouts_run_side_by_side(checkout: Any, second_checkout: Any) -> None:
    runs = [checkout.make_run("SAMPLE=0"), second_checkout.make_run("SAMPLE=0")]

    for run in runs:
        run.wait_for(SERVING)
    for run in runs:
        run.ctrl_c()

    assert checkout.processes() == second_checkout.processes() == []


def test_with_a_real_key_nothing_is_submitted_and_no_connection_leaves_the_machine(checkout: Any) -> None:
    run = checkout.make_run(GEMINI_API_KEY="x")
    run.wait_for(SERVING)

    assert "The sample storyboard is not submitted" in run.text
    family = [run.supervisor, *run.supervisor.children(recursive=True)]
    peers = {connection.raddr.ip for process in family for connection in process.net_connections() if connection.raddr}
    assert peers
    assert all(ipaddress.ip_address(peer).is_loopback for peer in peers)
    assert not [process for process in checkout.processes() if "reelwork.simulator" in " ".join(process.cmdline())]
    run.ctrl_c()


def test_once_with_a_real_key_ends_badly_and_says_why(checkout: Any) -> None:
    run = checkout.make_run("ONCE=1", GEMINI_API_KEY="x")

    assert run.wait() != 0
    assert "SAMPLE=1 submits it all the same" in run.text
    assert not checkout.home.exists()


def test_a_second_run_in_the_same_checkout_is_refused_with_what_to_set(checkout: Any) -> None:
    run = checkout.make_run("SAMPLE=0")
    run.wait_for(SERVING)

    other = checkout.make_run("SAMPLE=0")

    assert other.wait() != 0
    assert "REELWORK_HOME" in other.text
    run.ctrl_c()


def test_code_that_changes_starts_api_and_worker_again(checkout: Any) -> None:
    run = checkout.make_run("SAMPLE=0", target="dev")
    run.wait_for(SERVING)

    (checkout.path / "app" / "presets.py").touch()

    run.wait_for("app/presets.py changed: starting API and workers again")
    run.ctrl_c()
