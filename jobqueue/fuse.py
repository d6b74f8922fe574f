"""A fuse before Redis: calls are short, and after one that failed none is made for a moment."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from redis.exceptions import RedisError

UNHEARD = (RedisError, OSError, TimeoutError)
"""What a call says that did not reach Redis, or that Redis refused."""

_REST_S = 1.0


class Fuse:
    """Shared by all calls of a process, so that an outage costs one call a second, not every request its patience.

    `patience_s` bounds a call, in seconds. While it rests nothing is asked; then one call tries, the others still rest.
    """

    def __init__(self, patience_s: float = 0.3, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience_s = patience_s
        self._clock = clock
        self._rests_until: float | None = None

    async def carry(self, call: Callable[[], Awaitable[object]]) -> bool:
        """Whether the call was made and answered; raises nothing of Redis's own."""
        if self._rests_until is not None:
            if self._clock() < self._rests_until:
                return False
            self._rests_until = self._clock() + _REST_S
        try:
            async with asyncio.timeout(self._patience_s):
                await call()
        except UNHEARD:
            self._rests_until = self._clock() + _REST_S
            return False
        self._rests_until = None
        return True
