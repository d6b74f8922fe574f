"""What a transaction pooler takes from a session: migrations cannot work through it, and time-outs move to the role."""

import asyncpg

from db.connection import TIMEOUTS

_SETTINGS = TIMEOUTS | {"jit": "off"}
_PID = "SELECT pg_backend_pid()"
_ROUNDS = 4
_ROLE = "SELECT coalesce((SELECT rolname FROM pg_roles WHERE rolname = $1), current_user)"
_WORDS = "SELECT format('ALTER ROLE %I IN DATABASE %I SET %I = %L', $1::text, current_database(), $2::text, $3::text)"


async def is_transaction_pooler(url: str) -> bool:
    """Whether a session changes its server process or shares it with another that is open; a direct connection and a
    session pooler do neither."""
    first = await asyncpg.connect(url, timeout=10, statement_cache_size=0)
    try:
        second = await asyncpg.connect(url, timeout=10, statement_cache_size=0)
        try:
            rounds = [[await session.fetchval(_PID) for session in (first, second)] for _ in range(_ROUNDS)]
        finally:
            await second.close()
    finally:
        await first.close()
    return len({*map(tuple, rounds)}) > 1 or rounds[0][0] == rounds[0][1]


async def set_role_timeouts(url: str, user: str | None) -> str:
    """Give every new session of the role in this database the time-outs that a pooled one cannot set itself.

    The role is `user`, or where the pooler calls it otherwise than the database does, the one that `url` connects as;
    its name is returned.
    """
    session = await asyncpg.connect(url, timeout=10, statement_cache_size=0)
    try:
        role: str = await session.fetchval(_ROLE, user)
        for name, value in _SETTINGS.items():
            await session.execute(await session.fetchval(_WORDS, role, name, value))
    finally:
        await session.close()
    return role
