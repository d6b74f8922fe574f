"""The clock of leases, fences and deadlines: it counts the time that a suspended machine slept through."""

import time

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def boottime() -> float:
    """Seconds since some fixed moment, suspended time included where the system can tell."""
    return time.clock_gettime(_CLOCK)
