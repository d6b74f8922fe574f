"""Passing troubles of the database, in one place: what they are, and how a write is tried again."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

T = TypeVar("T")

UNAVAILABLE = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # A connection that the server has just ended, met before its end was read from the socket.
    asyncpg.InternalClientError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    # This process stood still inside a transaction, and the server gave its locks back.
    asyncpg.IdleInTransactionSessionTimeoutError,
    # The server has become another one's standby.
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InsufficientResourcesError,
)
"""Postgres is away, restarting or full: the same statement may work later."""

CONTENDED = (
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)
"""Another transaction was in the way."""

UniqueViolation = asyncpg.UniqueViolationError


class Again(Exception):
    """Raised by a write that has cleared what was in its way and wants to be run once more."""


_CONTENTION_TRIES = 3
_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 2.0


async def contended(work: Callable[[], Awaitable[T]]) -> T:
    """Run a statement or transaction again, at most three times, where another one was in its way."""
    for _ in range(_CONTENTION_TRIES - 1):
        try:
            return await work()
        except CONTENDED:
            await asyncio.sleep(random.uniform(0.01, 0.1))
    return await work()


async def until_done(work: Callable[[], Awaitable[T]]) -> T:
    """Run a guarded, idempotent write until the database takes it, however long it is away; cancel to give up.

    A write whose answer was lost is sent again and then matches nothing: the caller reads the row before it concludes.
    """
    pause_s = _FIRST_PAUSE_S
    while True:
        try:
            return await work()
        except (*UNAVAILABLE, *CONTENDED, Again):
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.5))
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)
