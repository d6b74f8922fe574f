"""A whole run: every part that is wanted, one after the other, each on engines of its own."""

import asyncio
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil

from bench.speed.api import ask
from bench.speed.contestants import Contestant, Naive, Reelwork
from bench.speed.flight import Flight, Flown, Tell, fly
from bench.speed.report import Report
from bench.speed.stage import Scene
from bench.speed.transfer import transfer
from devstack.environ import ROOT

PARTS = ("reelwork", "naive", "transfer", "api")
_CONTESTANTS: dict[str, Callable[[], Contestant]] = {"reelwork": Reelwork, "naive": Naive}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is measured, and how much of it."""

    flights: Sequence[int]
    generation_s: float
    parts: Sequence[str] = PARTS
    video_bytes: int = 2_000_000
    idle_s: float = 10
    probes: int = 20
    transfers: int = 20
    transfer_bytes: int = 50_000_000
    requests: int = 4000


def run(wanted: Wanted, tell: Tell, out: Path) -> Report:
    """Measure; what is measured is in `out` at once. The folders of what went well are removed."""
    report = Report(machine())
    for videos in wanted.flights:
        for name in (name for name in _CONTESTANTS if name in wanted.parts):
            report.flights.append(_flown(name, videos, wanted, tell))
            report.write(out)
    if "transfer" in wanted.parts:
        tell("transfers")
        files, file_bytes = wanted.transfers, wanted.transfer_bytes
        report.transfers = _in_folder(lambda folder: transfer(folder, files, file_bytes))
    if "api" in wanted.parts:
        told = _prefixed(tell, "api")
        report.api = _in_folder(lambda folder: ask(folder, wanted.requests, told))
    report.write(out)
    return report


def _flown(name: str, videos: int, wanted: Wanted, tell: Tell) -> Flown:
    flight = Flight(Scene(videos, wanted.generation_s, wanted.video_bytes), wanted.idle_s, wanted.probes)
    told = _prefixed(tell, f"{name}, {videos} in flight")
    return _in_folder(lambda folder: fly(_CONTESTANTS[name](), flight, folder, told))


def machine() -> dict[str, str]:
    """What a figure means nothing without."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    load = ", ".join(f"{one:.1f}" for one in psutil.getloadavg())
    return {
        "commit": commit.stdout.strip() or "unknown",
        "cores": str(psutil.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "load before": load,
    }


def _prefixed(tell: Tell, prefix: str) -> Tell:
    return lambda line: tell(f"{prefix}: {line}")


def _in_folder(work: Callable[[Path], Coroutine[Any, Any, T]]) -> T:
    folder = Path(tempfile.mkdtemp(prefix="reelwork-bench-"))
    folder.chmod(0o711)  # the engines' own user goes through it
    result = asyncio.run(work(folder))
    shutil.rmtree(folder)
    return result
