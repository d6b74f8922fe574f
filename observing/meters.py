"""Counting in one process: increments by series, taken away now and then to be added to the installation's totals.

A series is written as Prometheus writes it, `name{label="value"}`, from a small set of label values: nothing here
grows with the number of videos.
"""

from collections import defaultdict
from collections.abc import Mapping

from observing.families import FAMILIES

_SERIES_MOST = 2000
"""Series of one process at most; what would be one more is not counted."""


class Meters:
    """What this process has counted since the last `take`."""

    def __init__(self) -> None:
        self._grown: defaultdict[str, float] = defaultdict(float)
        self._known: set[str] = set()

    def add(self, name: str, amount: float = 1, **labels: str) -> None:
        """A counter grows."""
        self._grow(series(name, labels), amount)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """A histogram takes one more value: every bucket that is wide enough, the sum and the count."""
        for bound in FAMILIES[name].bounds:
            if value <= bound:
                self._grow(series(f"{name}_bucket", labels | {"le": f"{bound:g}"}), 1)
        self._grow(series(f"{name}_bucket", labels | {"le": "+Inf"}), 1)
        self._grow(series(f"{name}_sum", labels), max(value, 0.0))
        self._grow(series(f"{name}_count", labels), 1)

    def take(self) -> dict[str, float]:
        """Everything counted since the last time."""
        grown, self._grown = dict(self._grown), defaultdict(float)
        return grown

    def give_back(self, grown: Mapping[str, float]) -> None:
        """What was taken could not be written: it goes with the next."""
        for one, amount in grown.items():
            self._grow(one, amount)

    def _grow(self, one: str, amount: float) -> None:
        if one not in self._known:
            if len(self._known) >= _SERIES_MOST:
                return
            self._known.add(one)
        self._grown[one] += amount


def series(name: str, labels: Mapping[str, str]) -> str:
    """`name{a="b"}`, labels in the order of their names."""
    if not labels:
        return name
    return name + "{" + ",".join(f'{label}="{_escaped(labels[label])}"' for label in sorted(labels)) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
