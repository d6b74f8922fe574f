"""A checkout as somebody has just cloned it, and `make run` in it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from devstack.engines.ports import pick_port

ROOT = Path(__file__).resolve().parents[3]
STARTED_WITHIN_S = 100.0
ENDED_WITHIN_S = 60.0


@dataclass
class MakeRun:
    """One `make run`, in a session of its own as in a terminal; all it prints goes to a file."""

    process: subprocess.Popen[bytes]
    output: Path

    @property
    def text(self) -> str:
        """All that it has printed."""
        return self.output.read_text(errors="replace")

    def wait_for(self, text: str, times: int = 1) -> None:
        """Return when it has printed `text`; fails if it ends or takes too long."""
        deadline = time.monotonic() + STARTED_WITHIN_S
        while self.text.count(text) < times:
            assert self.process.poll() is None, self.text
            assert time.monotonic() < deadline, self.text
            time.sleep(0.05)

    def wait(self, within_s: float = ENDED_WITHIN_S) -> int:
        """Its exit code."""
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            pytest.fail(f"it did not end in {within_s} s:\n{self.text}")

    def ctrl_c(self) -> int:
        """What a terminal does: SIGINT to everybody in front. The exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.wait()

    @property
    def supervisor(self) -> psutil.Process:
        """The process below `make`."""
        (child,) = psutil.Process(self.process.pid).children()
        return child


@dataclass
class Checkout:
    """A copy of the working tree with an environment that is already installed."""

    path: Path
    port: int
    runs: list[MakeRun] = field(default_factory=list)

    @property
    def home(self) -> Path:
        """Where it keeps what it makes."""
        return self.path / ".reelwork"

    def make_run(self, *words: str, target: str = "run", **environment: str) -> MakeRun:
        """Start `make run` with these arguments."""
        output = self.path / f"output-{len(self.runs)}"
        plain = {"PATH": os.environ["PATH"], "HOME": str(self.path / "empty-home"), **environment}
        with output.open("wb") as file:
            process = subprocess.Popen(
                ["make", target, f"PORT={self.port}", *words],
                cwd=self.path,
                env=plain,
                stdout=file,
                stderr=file,
                start_new_session=True,
            )
        self.runs.append(MakeRun(process, output))
        return self.runs[-1]

    def processes(self) -> list[psutil.Process]:
        """Everything that runs from this checkout."""
        return [process for process in psutil.process_iter() if str(self.path) in " ".join(_words(process))]

    def videos(self) -> list[Path]:
        """The stored MP4s."""
        return sorted((self.home / "videos").glob("**/video.mp4"))

    def end(self) -> None:
        """Leave nothing running, whatever the test did."""
        for run in self.runs:
            if run.process.poll() is None:
                os.killpg(run.process.pid, signal.SIGKILL)
                run.process.wait()
        deadline = time.monotonic() + 20
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        for process in left:
            process.kill()


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _copy_tree(target: Path) -> None:
    list_files = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(list_files, cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def _link_environment(target: Path) -> None:
    """An environment of its own that shares the files of ours, with the stamp of one that is up to date."""
    venv = Path(sys.prefix)
    (target / ".venv").mkdir()
    for name in ("bin", "lib"):
        (target / ".venv" / name).symlink_to(venv / name)
    shutil.copy2(venv / "pyvenv.cfg", target / ".venv" / "pyvenv.cfg")
    for name in ("run", "dev"):
        shutil.copyfile(target / "requirements" / f"{name}.lock", target / ".venv" / f".{name}.stamp")


def _make(path: Path) -> Checkout:
    path.mkdir(parents=True)
    (path / "empty-home").mkdir()
    _copy_tree(path)
    _link_environment(path)
    return Checkout(path, pick_port())


@pytest.fixture
def checkout(short_tmp: Path) -> Iterator[Checkout]:
    made = _make(short_tmp / "one")
    yield made
    made.end()


@pytest.fixture
def second_checkout(short_tmp: Path) -> Iterator[Checkout]:
    made = _make(short_tmp / "two")
    yield made
    made.end()
