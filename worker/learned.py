"""What is known of how long videos take: learned from verdicts, kept in Postgres, shared by all workers."""

import asyncio
import math
from dataclasses import dataclass

from loguru import logger

from db import generation_times, retry
from db.connection import Pool
from db.generation_times import Sort
from worker.rounds import rounds

_EVERY_S = 30.0
_STEP = math.log(1.05)
_ENOUGH = 20.0
_EARLY, _LATE = 0.02, 0.95


@dataclass(frozen=True, slots=True)
class Usual:
    """Hardly a video of its sort is ready before `early_s`, and most are by `late_s`; seconds after its submission."""

    early_s: float
    late_s: float


class LearnedTimes:
    """Notes each finished video; what came in is written, and what others learned is read, in a round now and then."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._known: dict[Sort, dict[int, float]] = {}
        self._new: dict[Sort, dict[int, float]] = {}
        self._usual: dict[Sort, Usual | None] = {}
        self._is_read = False

    def note(self, sort: Sort, seconds: float) -> None:
        """A video of that sort was ready so long after its submission."""
        bucket = round(math.log(max(seconds, 1.0)) / _STEP)
        for counts in (self._known, self._new):
            buckets = counts.setdefault(sort, {})
            buckets[bucket] = buckets.get(bucket, 0.0) + 1.0
        self._usual.pop(sort, None)

    def usual(self, sort: Sort) -> Usual | None:
        """What to expect; None while too few have been seen."""
        if sort not in self._usual:
            self._usual[sort] = _usual(self._known.get(sort, {}))
        return self._usual[sort]

    async def run(self, stop: asyncio.Event) -> None:
        """Read at the start, then write and read every half minute until `stop`."""
        await rounds(self.run_once, lambda: _EVERY_S if self._is_read else 1.0, stop)

    async def run_once(self) -> None:
        """Write what came in, read the whole; without either there is nothing to ask. What is not taken is kept."""
        came, self._new = self._new, {}
        if self._is_read and not came:
            return
        try:
            if came:
                await generation_times.add(self._pool, came)
                came = {}
            found = await generation_times.every(self._pool)
        except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
            logger.debug("generation times not kept", error=type(error).__name__)
            self._keep(came, self._new)
            return
        self._keep(self._new, found)
        self._known, self._usual, self._is_read = found, {}, True

    @staticmethod
    def _keep(counts: dict[Sort, dict[int, float]], where: dict[Sort, dict[int, float]]) -> None:
        for sort, buckets in counts.items():
            standing = where.setdefault(sort, {})
            for bucket, weight in buckets.items():
                standing[bucket] = standing.get(bucket, 0.0) + weight


def _usual(buckets: dict[int, float]) -> Usual | None:
    total = sum(buckets.values())
    if total < _ENOUGH:
        return None
    return Usual(_seconds(_quantile(buckets, total * _EARLY) - 0.5), _seconds(_quantile(buckets, total * _LATE) + 0.5))


def _quantile(buckets: dict[int, float], mass: float) -> int:
    for bucket in sorted(buckets):
        mass -= buckets[bucket]
        if mass <= 0:
            return bucket
    return max(buckets)


def _seconds(bucket: float) -> float:
    return math.exp(bucket * _STEP)
