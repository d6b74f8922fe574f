"""How long to wait before something is tried again."""

import random
from datetime import timedelta

_FIRST_S = 5.0
_LONGEST_S = 300.0
_ATTEMPT_WAITS_S = (5.0, 10.0)


def again_in(failures: int, wished_s: float | None = None) -> timedelta:
    """5, 10, 20 … 300 seconds for 0, 1, 2 … earlier failures, with up to a fifth more as jitter; never less than the
    provider's own wish in seconds."""
    wait_s = min(_FIRST_S * 2 ** min(failures, 10), _LONGEST_S)
    return timedelta(seconds=max(wait_s, wished_s or 0) * random.uniform(1, 1.2))


def next_attempt_in(attempt: int) -> timedelta:
    """The wait before attempt 2 and 3 of a video that the provider accepted and then failed."""
    return timedelta(seconds=_ATTEMPT_WAITS_S[min(attempt, len(_ATTEMPT_WAITS_S)) - 1])
