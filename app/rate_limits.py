"""How often one key may call, and how often one address may call without a good one.

Counted in Redis over all processes; while Redis is away each process counts for itself, so that a limit gets looser by
the number of processes and never disappears.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.problems import Problem

_PATIENCE_S = 0.25
_WITHOUT_REDIS_S = 5.0
_ANY_URI = "async+redis://unused:1"
"""The library wants one, and uses the pool that it is given."""


@dataclass(frozen=True, slots=True)
class Standing:
    """After a call: what was allowed in a minute, how much of it is left, and in how many seconds there is more."""

    limit: int
    remaining: int
    reset_s: int
    allowed: bool

    def headers(self) -> dict[str, str]:
        """RateLimit and RateLimit-Policy (IETF draft 10), and the names that OpenAI's clients read."""
        return {
            "RateLimit-Policy": f'"minute";q={self.limit};w=60',
            "RateLimit": f'"minute";r={self.remaining};t={self.reset_s}',
            "x-ratelimit-limit-requests": str(self.limit),
            "x-ratelimit-remaining-requests": str(self.remaining),
            "x-ratelimit-reset-requests": f"{self.reset_s}s",
        }


class RateLimits:
    """`per_minute` calls for each name; 0 is no limit. `patience_s` is how long one call waits for Redis."""

    def __init__(self, per_minute: int, redis: Redis, clock: Callable[[], float] = time.monotonic) -> None:
        self.patience_s = _PATIENCE_S
        self._per_minute = per_minute
        self._item = RateLimitItemPerMinute(max(per_minute, 1))
        pool = redis.connection_pool
        shared = RedisStorage(_ANY_URI, implementation="redispy", key_prefix="rw:rate", connection_pool=pool)  # type: ignore[arg-type]
        self._shared = SlidingWindowCounterRateLimiter(shared)
        self._alone = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._clock = clock
        self._alone_until = 0.0

    async def count(self, *name: str) -> Standing | None:
        """Count one call; None where there is no limit. Raises Problem (429) where it is one too many."""
        if not self._per_minute:
            return None
        standing = await self._counted(*name)
        if not standing.allowed:
            raise _too_many(standing)
        return standing

    async def _counted(self, *name: str) -> Standing:
        if self._clock() >= self._alone_until:
            try:
                async with asyncio.timeout(self.patience_s):
                    return await self._ask(self._shared, *name)
            except (RedisError, OSError, TimeoutError):
                self._alone_until = self._clock() + _WITHOUT_REDIS_S
        return await self._ask(self._alone, *name)

    async def _ask(self, counter: SlidingWindowCounterRateLimiter, *name: str) -> Standing:
        allowed = await counter.hit(self._item, *name)
        stats = await counter.get_window_stats(self._item, *name)
        reset_s = max(ceil(stats.reset_time - time.time()), 1)
        return Standing(self._per_minute, int(stats.remaining), reset_s, allowed)


def _too_many(standing: Standing) -> Problem:
    detail = f"More than {standing.limit} calls in a minute; ask again in {standing.reset_s} s"
    headers = {"Retry-After": str(standing.reset_s), **standing.headers()}
    return Problem(HTTPStatus.TOO_MANY_REQUESTS, "rate_limited", detail, headers=headers)
