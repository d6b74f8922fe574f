"""Loops of a worker process: a round and a pause until the process leaves; a round that breaks ends no loop."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from loguru import logger


async def rounds(once: Callable[[], Awaitable[object]], pause_s: Callable[[], float], stop: asyncio.Event) -> None:
    """Run `once` again and again until `stop`; waits on it instead of sleeping."""
    while not stop.is_set():
        try:
            await once()
        except Exception:  # noqa: BLE001 - the loop's top: a process whose loop ended would live on and do nothing
            logger.exception("a round broke")
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause_s())
