"""`python -m db.migrate`: brings the schema to this release's tables; safe when two release steps run at once."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db.pooler import is_transaction_pooler, set_role_timeouts
from db.tables import SCHEMA, metadata

_LOCK = 7_209_416_151_320_001
"""The advisory lock of a migration: any fixed number that nothing else in the database uses."""


_ROLE_TOLD = (
    "DB_POOLER=transaction: time-outs of statements, locks and idle transactions are set on the role {role} in this "
    "database; whoever connects to it as that role gets them, in sessions that begin from now on\n"
)


class MigrationRefused(Exception):
    """The database cannot be migrated as things are; the text says what to set."""


def head() -> str:
    """The revision this release needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise MigrationRefused("this installation has no migrations: its db/migrations folder is incomplete")
    return revision


async def migrate(url: str, schema: str = SCHEMA, revision: str | None = None) -> str:
    """Create the schema where needed and run what is missing up to a revision (None: this release's); returns it.

    Raises MigrationRefused where the server is too old, or `url` leads to a transaction pooler.
    """
    if await is_transaction_pooler(url):
        raise MigrationRefused(
            "the database is reached through a transaction pooler, and migrations need a session of their own: set "
            "DIRECT_DATABASE_URL to the database's address past the pooler, and DB_POOLER=transaction"
        )
    wanted = revision or head()
    await _run(url, lambda connection: _upgrade(connection, schema, wanted))
    return wanted


async def differences(url: str) -> list[Any]:
    """What models and tables in the schema `reelwork` disagree on, as Alembic's operations; empty where they agree."""
    found: list[Any] = []
    await _run(url, lambda connection: found.extend(_compare(connection)))
    return found


async def _run(url: str, work: Callable[[Connection], None]) -> None:
    engine = create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: _direct(url), poolclass=NullPool, connect_args={}
    )
    try:
        async with engine.connect() as connection:
            await connection.run_sync(work)
    finally:
        await engine.dispose()


async def _direct(url: str) -> asyncpg.Connection:
    """A session of our own, without the time-outs of normal work: building an index may take long."""
    connection = await asyncpg.connect(url, timeout=10, statement_cache_size=0)
    await connection.execute("SET lock_timeout = 0")
    await connection.execute("SET statement_timeout = 0")
    await connection.execute("SET idle_in_transaction_session_timeout = 0")
    return connection


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection, schema: str, revision: str) -> None:
    connection = connection.execution_options(schema_translate_map={SCHEMA: schema})
    config = _config()
    config.attributes |= {"connection": connection, "schema": schema}
    _refuse_old(connection)
    connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK})
    connection.commit()
    try:
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema.replace(chr(34), chr(34) * 2)}"'))
        connection.commit()
        command.upgrade(config, revision)
        connection.commit()
    finally:
        connection.rollback()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK})
        connection.commit()


def _refuse_old(connection: Connection) -> None:
    version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    connection.commit()
    if version < 150000:
        raise MigrationRefused(f"PostgreSQL 15 or later is needed; DATABASE_URL leads to {version // 10000}")


def _compare(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(
        connection,
        opts={
            "include_schemas": True,
            "version_table_schema": SCHEMA,
            "compare_server_default": True,
            "include_name": lambda name, kind, _: kind != "schema" or name == SCHEMA,
        },
    )
    return list(compare_metadata(context, metadata))


async def _main(arguments: list[str]) -> int:
    from config.settings import SettingsError, load_settings

    try:
        settings = load_settings(role="release")
        url = settings.direct_database_url or settings.database_url
        revision = await migrate(url, settings.database_schema)
        if settings.db_pooler == "transaction":
            role = await set_role_timeouts(url, urlsplit(settings.database_url).username)
            sys.stdout.write(_ROLE_TOLD.format(role=role))
    except (SettingsError, MigrationRefused) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except (OSError, asyncpg.PostgresError, DBAPIError) as error:
        sys.stderr.write(f"cannot migrate the database that DATABASE_URL names: {error}\n")
        return 1
    sys.stdout.write(f"schema {settings.database_schema} is at revision {revision}\n")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(_main(sys.argv[1:])))
