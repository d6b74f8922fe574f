"""Stand-ins for the parts of Reelwork, and waiting for what happens outside."""

from __future__ import annotations

import asyncio
import io
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from devstack.engines import Home, take_home
from devstack.plan import Part
from devstack.terminal import Terminal

PatientCheck = Callable[[Callable[[], object]], object]
PartMaker = Callable[..., Part]


class Screen(Terminal):
    """A terminal that remembers."""

    def __init__(self) -> None:
        self._shown = io.StringIO()
        super().__init__(Console(file=self._shown, width=200, highlight=False))

    @property
    def text(self) -> str:
        """All that was shown."""
        return self._shown.getvalue()


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def home(short_tmp: Path) -> Iterator[Home]:
    with take_home(short_tmp / "home") as taken:
        yield taken


@pytest.fixture
def python_part() -> PartMaker:
    """Makes a part that runs some lines of Python."""

    def make(code: str, name: str = "stand-in", stage: int = 0) -> Part:
        return Part(name, (sys.executable, "-u", "-c", code), {"PYTHONUNBUFFERED": "1"}, "cyan", stage)

    return make


async def until(is_true: Callable[[], object], within_s: float = 20) -> None:
    """Wait for a condition; fails after `within_s`."""
    deadline = time.monotonic() + within_s
    while not is_true():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.02)


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., object]:
    return until
