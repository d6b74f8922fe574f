"""The simulator's own time, which a test may push forward so that nothing has to wait for an expiry."""

import time


class Clock:
    """Unix seconds. `advance` moves it forward; only `reset`, for an empty provider, takes it back to real time."""

    def __init__(self) -> None:
        self._ahead_s = 0.0

    def now(self) -> float:
        return time.time() + self._ahead_s

    def advance(self, seconds: float) -> None:
        """Jump forward by `seconds`; ValueError for a jump backwards."""
        if seconds < 0:
            raise ValueError("the clock only goes forward")
        self._ahead_s += seconds

    def reset(self) -> None:
        self._ahead_s = 0.0
