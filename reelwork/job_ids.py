"""Ids for videos that are about to be asked for: unique, and in the order of the scenes wherever ids are sorted."""

import secrets
import time
from typing import Final
from uuid import UUID

_COUNTER_BITS: Final = 12
_RANDOM_BITS: Final = 62


def new_job_ids(count: int) -> list[str]:
    """So many UUIDs of version 7 (RFC 9562): milliseconds, then a counter, then chance.

    A storyboard is accepted in one moment, so that only its ids can tell a server which scene came first.
    """
    now_ms = time.time_ns() // 1_000_000
    ids = []
    for number in range(count):
        carried, counter = divmod(number, 1 << _COUNTER_BITS)
        bits = (now_ms + carried) << 80 | 0x7 << 76 | counter << 64 | 0b10 << _RANDOM_BITS
        ids.append(str(UUID(int=bits | secrets.randbits(_RANDOM_BITS))))
    return ids
