"""The two shell scripts, run for real with a stand-in for `python`."""

import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.checks import NEEDED_BY

ROOT = Path(__file__).parents[3]
SHELL = shutil.which("dash") or "/bin/sh"
SET = dict.fromkeys(NEEDED_BY["worker"], "something")

StandIn = Callable[[str], Path]


class Health(http.server.BaseHTTPRequestHandler):
    """Answers /healthz with 200 and all else with 404."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def web_port() -> Iterator[int]:
    """A port where /healthz answers."""
    with http.server.HTTPServer(("127.0.0.1", 0), Health) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def run(script: str, path: Path | None, **environ: str) -> subprocess.CompletedProcess[str]:
    folders = f"{path}:{os.environ['PATH']}" if path else os.environ["PATH"]
    return subprocess.run(
        [SHELL, str(ROOT / "scripts" / script)],
        env={"PATH": folders, **environ},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=30,
    )


def first_process(folder: Path, *arguments: str) -> str:
    """A file as /proc/1/cmdline, for a process with these arguments."""
    file = folder / "cmdline"
    file.write_bytes(b"\0".join(argument.encode() for argument in arguments) + b"\0")
    return str(file)


def test_a_worker_without_settings_names_every_one_that_is_missing(stand_in_python: StandIn) -> None:
    ended = run("start-worker.sh", stand_in_python("echo started"))

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"The worker cannot start. Set: {' '.join(NEEDED_BY['worker'])} ")
    assert ended.stdout == ""


@pytest.mark.parametrize("name", NEEDED_BY["worker"])
def test_a_worker_with_one_empty_setting_names_that_one(stand_in_python: StandIn, name: str) -> None:
    ended = run("start-worker.sh", stand_in_python("echo started"), **{**SET, name: ""})

    assert ended.returncode == 1
    assert f"Set: {name} (" in ended.stderr


def test_a_worker_with_its_settings_becomes_arq_in_the_checkout(stand_in_python: StandIn) -> None:
    folder = stand_in_python('echo "$@"; pwd; echo "$PYTHONPATH"; exit 7')

    ended = run("start-worker.sh", folder, **SET)

    assert ended.stdout.splitlines() == ["-m arq worker.WorkerSettings", str(ROOT), "."]
    assert ended.returncode == 7


def test_the_start_script_is_replaced_by_the_worker(stand_in_python: StandIn) -> None:
    folder = stand_in_python("echo $$")

    with subprocess.Popen(
        [str(ROOT / "scripts" / "start-worker.sh")],
        env={"PATH": f"{folder}:{os.environ['PATH']}", **SET},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        printed, _ = process.communicate(timeout=30)

    assert printed.strip() == str(process.pid)


@pytest.mark.parametrize(
    "command",
    [
        ("python", "-m", "arq", "worker.WorkerSettings"),
        ("/sbin/docker-init", "--", "python", "-m", "arq", "worker.WorkerSettings"),
        ("/bin/sh", "-c", "python -m arq worker.WorkerSettings"),
        ("sh", "scripts/start-worker.sh"),
    ],
)
def test_a_worker_s_container_is_as_healthy_as_its_worker(
    stand_in_python: StandIn, tmp_path: Path, command: tuple[str, ...]
) -> None:
    folder = stand_in_python('echo "$@"; exit 1')

    ended = run("container-health.sh", folder, FIRST_PROCESS=first_process(tmp_path, *command))

    assert (ended.stdout, ended.returncode) == ("-m worker.health\n", 1)


def test_web_s_container_is_healthy_while_it_serves(stand_in_python: StandIn, tmp_path: Path, web_port: int) -> None:
    folder = stand_in_python(f'exec {sys.executable} "$@"')
    web = first_process(tmp_path, "python", "-m", "app")

    # A proxy of the environment must not be asked for the container's own port.
    serving = run("container-health.sh", folder, FIRST_PROCESS=web, PORT=str(web_port), http_proxy="http://127.0.0.1:1")
    silent = run("container-health.sh", folder, FIRST_PROCESS=web, PORT="1")

    assert (serving.returncode, silent.returncode) == (0, 1)


def test_a_migration_has_no_health_but_its_exit_code(tmp_path: Path) -> None:
    ended = run("container-health.sh", None, FIRST_PROCESS=first_process(tmp_path, "python", "-m", "db.migrate"))

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
