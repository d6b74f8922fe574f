"""Connections to Postgres: every statement names its schema, no connection holds a lock while its owner sleeps."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar, Protocol, TypeVar

import asyncpg

from db.tables.base import SCHEMA

Record = asyncpg.Record
T = TypeVar("T")

TIMEOUTS = {
    "idle_in_transaction_session_timeout": "2000",
    "lock_timeout": "1000",
    "statement_timeout": "10000",
}
"""Milliseconds. A frozen process inside a transaction would otherwise keep a lane from all others."""

KEEPALIVES = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "2"}


class Executor(Protocol):
    """What a statement needs: a pool, a connection or a connection inside a transaction."""

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str: ...
    async def fetch(self, query: str, *args: Any, timeout: float | None = None) -> list[Record]: ...
    async def fetchrow(self, query: str, *args: Any, timeout: float | None = None) -> Record | None: ...
    async def fetchval(self, query: str, *args: Any, column: int = 0, timeout: float | None = None) -> Any: ...


class Pool(Executor, Protocol):
    """A pool of connections; `acquire` gives one for a transaction."""

    def acquire(self, *, timeout: float | None = None) -> Any: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Database:
    """Where the tables are. `transaction_pooler` says that pgbouncer stands between (DB_POOLER=transaction);
    `patience_s` is how long an answer is waited for: a server that works ends every statement within ten seconds."""

    url: str = field(repr=False)
    schema: str = SCHEMA
    transaction_pooler: bool = False
    application_name: str = "reelwork"
    patience_s: float = 12.0


@lru_cache(maxsize=512)
def in_schema(query: str, schema: str) -> str:
    """The statement with `reelwork.` standing for the schema this installation uses."""
    if schema == SCHEMA:
        return query
    return query.replace(f"{SCHEMA}.", '"' + schema.replace('"', '""') + '".')


class _SchemaConnection(asyncpg.Connection):
    """An asyncpg connection that puts the schema in place and keeps no session state to reset.

    It ends with the first statement that is not waited for to its end: asyncpg would wait for the server to confirm
    the cancellation, for ever where the server has fallen silent.
    """

    schema: ClassVar[str] = SCHEMA

    async def execute(self, query: str, *args: Any, timeout: float | None = None) -> str:
        return await self._whole(super().execute(in_schema(query, self.schema), *args, timeout=timeout))

    async def fetch(self, query: str, *args: Any, timeout: float | None = None, record_class: Any = None) -> Any:
        named = in_schema(query, self.schema)
        return await self._whole(super().fetch(named, *args, timeout=timeout, record_class=record_class))

    async def fetchrow(self, query: str, *args: Any, timeout: float | None = None, record_class: Any = None) -> Any:
        named = in_schema(query, self.schema)
        return await self._whole(super().fetchrow(named, *args, timeout=timeout, record_class=record_class))

    async def fetchval(self, query: str, *args: Any, column: int = 0, timeout: float | None = None) -> Any:
        named = in_schema(query, self.schema)
        return await self._whole(super().fetchval(named, *args, column=column, timeout=timeout))

    async def prepare(self, query: str, **kwargs: Any) -> Any:
        return await self._whole(super().prepare(in_schema(query, self.schema), **kwargs))

    async def _whole(self, statement: Awaitable[T]) -> T:
        try:
            return await statement
        except (TimeoutError, asyncio.CancelledError, asyncpg.ReadOnlySQLTransactionError):
            self.terminate()
            raise

    def get_reset_query(self) -> str:
        return ""


def _connection_class(schema: str) -> type[asyncpg.Connection]:
    return type("SchemaConnection", (_SchemaConnection,), {"__slots__": (), "schema": schema})


def _arguments(database: Database) -> dict[str, Any]:
    server_settings = {"application_name": database.application_name}
    arguments: dict[str, Any] = {"connection_class": _connection_class(database.schema), "timeout": 5}
    arguments["command_timeout"] = database.patience_s
    if database.transaction_pooler:
        arguments["statement_cache_size"] = 0
    else:
        server_settings |= TIMEOUTS | KEEPALIVES | {"jit": "off"}
    return arguments | {"server_settings": server_settings}


async def _prepare_codecs(connection: Any) -> None:
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=json.loads)


async def connect(database: Database) -> Any:
    """One connection outside any pool; the caller closes it."""
    connection = await asyncpg.connect(database.url, **_arguments(database))
    await _prepare_codecs(connection)
    return connection


@asynccontextmanager
async def open_pool(database: Database, max_size: int, *, min_size: int = 1) -> AsyncIterator[Pool]:
    """A pool for the life of the block, of at most `max_size` connections."""
    async with asyncpg.create_pool(
        database.url, min_size=min_size, max_size=max_size, init=_prepare_codecs, **_arguments(database)
    ) as pool:
        yield pool


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Executor]:
    """A connection inside a transaction: committed at the end of the block, rolled back when it raises."""
    async with pool.acquire(timeout=5) as connection:
        whole = connection.transaction()
        await whole.start()
        try:
            yield connection
        except BaseException:
            if not connection.is_closed():
                await whole.rollback()
            raise
        await whole.commit()
