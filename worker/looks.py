"""When to look at a video again: rarely before it can be ready, often around the time when it usually is."""

import random
from dataclasses import dataclass
from typing import Literal

from worker.learned import Usual

How = Literal["listed", "single", "hooked"]
"""How a look is made: in a listing with many others, by a request of its own, or so while a webhook is to come."""

_SHORTEST_S = 1.0
_LONGEST_S = 10.0
_HOOKED_S = 30.0
_LOOKS_WITHIN_USUAL = 6
_MARGIN = 0.97
_OF_THE_REST = 0.6


@dataclass(frozen=True, slots=True)
class Seen:
    """A video `age_s` after its submission, with the provider's own figure in percent."""

    age_s: float
    progress: int | None = None


def next_look_in(seen: Seen, usual: Usual | None, how: How, wished_s: float | None = None) -> float:
    """Seconds until the next look; `wished_s` is the provider's own wish, which is a request's least pause."""
    return max(_gap_s(seen, usual, how), wished_s or 0.0) * random.uniform(0.95, 1.05)


def _gap_s(seen: Seen, usual: Usual | None, how: How) -> float:
    until_early = _until_early_s(seen, usual)
    if how == "hooked":
        return max(until_early, _HOOKED_S)
    if until_early > _SHORTEST_S:
        return until_early
    if how == "listed":
        return _SHORTEST_S
    if usual is not None and seen.age_s <= usual.late_s:
        return max((usual.late_s - usual.early_s) / _LOOKS_WITHIN_USUAL, _SHORTEST_S)
    return min(max(seen.age_s / 10, _SHORTEST_S), _LONGEST_S)


def _until_early_s(seen: Seen, usual: Usual | None) -> float:
    """How long it cannot be ready yet: as learned, else most of what its progress leaves."""
    if usual is not None:
        return usual.early_s * _MARGIN - seen.age_s
    if seen.progress and seen.age_s > 0:
        return seen.age_s * (100 - min(seen.progress, 100)) / seen.progress * _OF_THE_REST
    return 0.0
