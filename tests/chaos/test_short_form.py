"""The short form of `make chaos`: the whole installation is broken for most of a minute, and its books agree."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import pytest

from bench.chaos.plans import short_plan
from bench.chaos.report import lines
from bench.chaos.run import run

SEED, JOBS = 1, 300


@pytest.mark.timeout(600)
def test_nothing_is_lost_or_paid_twice_whatever_is_killed_frozen_or_cut() -> None:
    folder = Path(tempfile.mkdtemp(prefix="reelwork-chaos-"))
    folder.chmod(0o711)  # the engines' own user goes through it
    told: list[str] = []

    result = asyncio.run(run(short_plan(SEED, JOBS), folder, told.append))

    assert not result.findings, "\n".join([*told[-1:], *lines(result), f"logs and data are in {folder}"])
    assert result.accepted == JOBS
    shutil.rmtree(folder)
