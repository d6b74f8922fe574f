"""Waiting on conditions, with a deadline."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def until(is_true: Callable[[], Awaitable[object]], within_s: float, what: str = "the condition") -> object:
    """Ask again and again until the answer is true, and return it; AssertionError after `within_s` seconds."""
    deadline = time.monotonic() + within_s
    while True:
        if answer := await is_true():
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} was not reached within {within_s} s")
        await asyncio.sleep(0.05)


def wait_until(is_true: Callable[[], object], within_s: float, what: str) -> None:
    """The same for a test without an event loop."""
    deadline = time.monotonic() + within_s
    while not is_true():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} was not reached within {within_s} s")
        time.sleep(0.05)
