"""How soon a process that died is started again."""

from __future__ import annotations

PAUSE_S = 0.5
LONGEST_PAUSE_S = 5.0
QUICK_DEATH_S = 2.0
PATIENCE = 3


class Backoff:
    """Half a second after a death, up to five only where a process keeps dying as soon as it is started.

    A process that somebody kills again and again while it works is back at once each time.
    """

    def __init__(self) -> None:
        self.quick_deaths = 0

    def after(self, lived_s: float) -> float:
        """Seconds to wait after a death `lived_s` seconds after the start."""
        self.quick_deaths = self.quick_deaths + 1 if lived_s < QUICK_DEATH_S else 0
        excess = max(0, self.quick_deaths - PATIENCE + 1)
        return float(min(PAUSE_S * 2**excess, LONGEST_PAUSE_S))
