"""What a killed process left in WORK_DIR goes; what a living or frozen one is writing stays."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stack.installation import ROOT
from worker.scratch import Scratch

_HOLD = """
import asyncio, pathlib, sys
from worker.scratch import Scratch

async def hold():
    async with Scratch(pathlib.Path(sys.argv[1])).folder() as folder:
        (folder / "video.mp4").write_bytes(b"half of it")
        print(folder, flush=True)
        await asyncio.sleep(600)

asyncio.run(hold())
"""
Hold = Callable[[], tuple["subprocess.Popen[str]", Path]]


@pytest.fixture
def hold(tmp_path: Path) -> Iterator[Hold]:
    """Starts a process that is in the middle of a transfer, and says where."""
    processes: list[subprocess.Popen[str]] = []

    def started() -> tuple["subprocess.Popen[str]", Path]:
        command = [sys.executable, "-c", _HOLD, str(tmp_path)]
        process = subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        an_hour_ago = time.time() - 3600
        os.utime(folder, (an_hour_ago, an_hour_ago))
        return process, folder

    yield started
    for process in processes:
        process.kill()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


async def test_the_transfer_of_a_killed_process_is_removed(hold: Hold, tmp_path: Path) -> None:
    process, folder = hold()
    process.kill()
    process.wait(10)

    assert await Scratch(tmp_path).run_once() == 1
    assert not folder.exists()


@pytest.mark.parametrize("number", [signal.SIGCONT, signal.SIGSTOP])
async def test_the_transfer_of_a_living_or_frozen_process_stays(
    hold: Hold, tmp_path: Path, number: signal.Signals
) -> None:
    process, folder = hold()
    process.send_signal(number)

    assert await Scratch(tmp_path).run_once() == 0
    assert (folder / "video.mp4").read_bytes() == b"half of it"


async def test_a_transfer_removes_its_folder_and_makes_the_work_dir_again(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path / "not there yet")

    async with scratch.folder() as folder:
        assert folder.is_dir()

    assert list((tmp_path / "not there yet").iterdir()) == []
    assert await Scratch(tmp_path / "gone").run_once() == 0


async def test_a_folder_that_was_made_a_moment_ago_stays(tmp_path: Path) -> None:
    (tmp_path / "rw-transfer-young").mkdir()

    assert await Scratch(tmp_path).run_once() == 0
