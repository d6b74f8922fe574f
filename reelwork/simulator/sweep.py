"""Numbers drawn from lists of times: how many at once, how many within a window."""

from collections import deque
from collections.abc import Iterable, Sequence


def at_once(spans: Iterable[tuple[float, float]]) -> list[tuple[float, int]]:
    """How many spans were open after each beginning or end, in time order; one that ends when another begins
    makes room for it."""
    steps = sorted(step for start, end in spans for step in ((start, 1), (end, -1)) if step[0] != float("inf"))
    history: list[tuple[float, int]] = []
    count = 0
    for at, change in steps:
        count += change
        if history and history[-1][0] == at:
            history[-1] = (at, count)
        else:
            history.append((at, count))
    return history


def most_at_once(spans: Iterable[tuple[float, float]]) -> int:
    """The highest number of spans open at any moment."""
    return max((count for _, count in at_once(spans)), default=0)


def most_within(times: Sequence[float], window_s: float) -> int:
    """The highest number of `times` (in any order) that fall into one half-open window of this length."""
    inside: deque[float] = deque()
    most = 0
    for at in sorted(times):
        inside.append(at)
        while inside[0] <= at - window_s:
            inside.popleft()
        most = max(most, len(inside))
    return most
