"""The Procfile's processes, run as a platform runs them: from what the image holds, without a shell, as written."""

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal

from reelwork.testing import SimulatorHandle, running_simulator
from tests.stack.pooler import TransactionPooler

ROOT = Path(__file__).parents[3]
SECRETS = {"ENCRYPTION_KEY": "c0ffee" * 10 + "abcd", "ADMIN_KEY": "the-operators-key-of-this-test-0123456789"}
PROVIDER_KEY = "sk-simulated-provider-key-0123456789"


@dataclass
class Started:
    """A running process and the files that its output goes to."""

    process: subprocess.Popen[bytes]
    output: Path
    errors: Path

    def stop(self, within_s: float) -> int:
        """SIGTERM, then its exit code; raises TimeoutExpired where it stays."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within_s)

    def lines(self) -> list[dict[str, Any]]:
        """Its stdout as JSON, line by line."""
        return [json.loads(line) for line in self.output.read_text().splitlines()]


@dataclass
class Platform:
    """Runs commands in one folder with one environment, and remembers what it started."""

    folder: Path
    environ: dict[str, str] = field(repr=False)
    outputs: Path = field(repr=False)
    started: list[Started] = field(default_factory=list)

    def start(self, command: str) -> Started:
        """Start a command without a shell."""
        number = len(self.started)
        output, errors = self.outputs / f"{number}.out", self.outputs / f"{number}.err"
        with output.open("wb") as out, errors.open("wb") as err:
            process = subprocess.Popen(shlex.split(command), cwd=self.folder, env=self.environ, stdout=out, stderr=err)
        self.started.append(Started(process, output, errors))
        return self.started[-1]

    def run(self, command: str) -> Started:
        """Run a command to its end."""
        started = self.start(command)
        started.process.wait(60)
        return started

    def until(self, look: Callable[[], Any]) -> Any:
        """Wait for a true value and return it; fails after a minute, or when a process has ended in error."""
        deadline = time.monotonic() + 60
        while not (found := look()):
            broken = [one.errors.read_text() for one in self.started if one.process.poll()]
            assert not broken, broken
            assert time.monotonic() < deadline, f"waited a minute in vain: {self.said()[-2000:]}"
            time.sleep(0.05)
        return found

    def said(self) -> str:
        """All that was printed so far by all of them."""
        return "".join(file.read_text() for one in self.started for file in (one.output, one.errors))


@pytest.fixture(scope="session")
def image_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `.dockerignore` lets into the image."""
    folder = tmp_path_factory.mktemp("image")
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        if line.startswith("!"):
            source, target = ROOT / line[1:], folder / line[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
    return folder


@pytest.fixture
def procfile() -> dict[str, str]:
    """Process type and command."""
    return dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())


@pytest.fixture
def simulator() -> Iterator[SimulatorHandle]:
    with running_simulator(generation_s=0.3) as running:
        yield running


@pytest.fixture
def bare_platform(image_folder: Path, tmp_path: Path) -> Iterator[Platform]:
    """A platform on which nothing has been set."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    platform = Platform(image_folder, {"PATH": path, "HOME": str(tmp_path)}, tmp_path)
    yield platform
    for one in platform.started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait()


@pytest.fixture
def platform(
    bare_platform: Platform, empty_database_url: str, redis_url: str, simulator: SimulatorHandle, tmp_path: Path
) -> Platform:
    """A platform with an empty database, a Redis, a folder for videos and one provider."""
    bare_platform.environ |= SECRETS
    bare_platform.environ |= {
        "DATABASE_URL": empty_database_url.replace("postgresql://", "postgres://", 1),
        "REDIS_URL": redis_url,
        "STORAGE_URL": (tmp_path / "videos").as_uri(),
        "WORK_DIR": str(tmp_path / "work"),
        "PORT": str(free_port()),
        "OPENAI_BASE_URL": simulator.openai_base_url,
        "OPENAI_API_KEY": PROVIDER_KEY,
    }
    return bare_platform


@pytest.fixture
def pooler(empty_database_url: str) -> Iterator[TransactionPooler]:
    """A pooler in transaction mode before the platform's database, on a thread of its own."""
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(TransactionPooler(empty_database_url, servers=6).serving()) as running,
    ):
        yield running


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
