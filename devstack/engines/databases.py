"""Databases on an embedded server that come and go quickly: each a copy of one migrated template."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit, urlunsplit

import asyncpg

T = TypeVar("T")
CALL_WITHIN_S = 60.0


def with_database(url: str, database: str) -> str:
    """The same server's URL for another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


class DatabaseMaker:
    """Context manager around one connection to the server's own database, on a thread and loop of its own.

    So it can be used before, between and inside other event loops.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="database-maker", daemon=True)
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.call(self._disconnect())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def create(self, template: str | None = None) -> str:
        """The URL of a new database, empty or a copy of the database `template`, which nobody may be using."""
        name = f"test_{secrets.token_hex(8)}"
        source = f' TEMPLATE "{template}"' if template else ""
        self.call(self._execute(f'CREATE DATABASE "{name}"{source}'))
        return with_database(self._url, name)

    def drop(self, url: str) -> None:
        """Remove the database of `url`, ending the sessions that still use it."""
        name = urlsplit(url).path.removeprefix("/")
        self.call(self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the maker's loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(CALL_WITHIN_S)

    async def _execute(self, statement: str) -> None:
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(with_database(self._url, "postgres"))
        await self._connection.execute(statement)

    async def _disconnect(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            await self._connection.close(timeout=5)
