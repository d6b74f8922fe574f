"""The engines of one data directory, up for the length of a `with` block.

    async with engines(Path(".reelwork")) as running:      # or: with open_engines(...) as running:
        running.database_url, running.redis_url
        await running.valkey.kill(); await running.valkey.start()      # same port, same password

A URL that is passed in takes the place of the engine it would otherwise start.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from devstack.engines.binaries import find_valkey
from devstack.engines.fake_valkey import FakeValkeyServer
from devstack.engines.home import Home, take_home
from devstack.engines.identity import choose_identity
from devstack.engines.postgres import PostgresServer
from devstack.engines.server import Seat, Server
from devstack.engines.valkey import ValkeyServer
from devstack.errors import EngineMissing

T = TypeVar("T")

# Where servers live if the data directory lies below one that their user cannot enter.
ELSEWHERE = Path("/var/tmp")


@dataclass(frozen=True, slots=True)
class Engine:
    """One server, for callers with an event loop. All calls return when it is done."""

    server: Server | FakeValkeyServer

    @property
    def url(self) -> str:
        """Where clients connect, password included."""
        return self.server.url

    @property
    def port(self) -> int:
        """The loopback port; it stays the same over restarts."""
        return self.server.port

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self.server.pid

    @property
    def is_running(self) -> bool:
        """Whether it runs."""
        return self.server.is_running

    @property
    def is_fake(self) -> bool:
        """Whether this is the stand-in, which keeps nothing."""
        return isinstance(self.server, FakeValkeyServer)

    async def start(self) -> None:
        """Start it again, if it does not run."""
        await asyncio.to_thread(self.server.start)

    async def stop(self) -> None:
        """Stop it in good order."""
        await asyncio.to_thread(self.server.stop)

    async def kill(self) -> None:
        """kill -9."""
        await asyncio.to_thread(self.server.kill)

    async def pause(self) -> None:
        """Freeze it: connections stay open, nothing is answered."""
        await asyncio.to_thread(self.server.pause)

    async def resume(self) -> None:
        """End a pause."""
        await asyncio.to_thread(self.server.resume)


@dataclass(frozen=True, slots=True)
class Engines:
    """What runs. An engine is None where a URL from outside takes its place."""

    database_url: str
    redis_url: str
    postgres: Engine | None
    valkey: Engine | None


@contextmanager
def start_engines(
    home: Home, *, durable: bool = True, database_url: str | None = None, redis_url: str | None = None
) -> Iterator[Engines]:
    """Start what has no URL and stop it at the end of the block.

    durable=False trades safety against a power cut for speed. Raises EngineMissing, EngineFailed.
    """
    with ExitStack() as stack:
        needs_any = not (database_url and redis_url)
        seat = _take_seat(home, durable) if needs_any else None
        postgres = Engine(PostgresServer(seat)) if seat and not database_url else None
        valkey = Engine(_valkey(seat)) if seat and not redis_url else None
        for engine in (postgres, valkey):
            if engine is not None:
                stack.callback(engine.server.stop)
                engine.server.start()
        yield Engines(
            database_url=database_url or (postgres.url if postgres else ""),
            redis_url=redis_url or (valkey.url if valkey else ""),
            postgres=postgres,
            valkey=valkey,
        )


@contextmanager
def open_engines(
    path: Path, *, durable: bool = True, database_url: str | None = None, redis_url: str | None = None
) -> Iterator[Engines]:
    """Take the data directory `path` and start its engines. Raises AlreadyRunning too."""
    with (
        take_home(path) as home,
        start_engines(home, durable=durable, database_url=database_url, redis_url=redis_url) as running,
    ):
        yield running


@asynccontextmanager
async def engines(
    path: Path, *, durable: bool = True, database_url: str | None = None, redis_url: str | None = None
) -> AsyncIterator[Engines]:
    """`open_engines` for callers with an event loop, which goes on meanwhile."""
    opened = open_engines(path, durable=durable, database_url=database_url, redis_url=redis_url)
    async with in_thread(opened) as running:
        yield running


@asynccontextmanager
async def in_thread(block: AbstractContextManager[T]) -> AsyncIterator[T]:
    """A blocking context manager, entered and left on a thread; left in full also if its caller is cancelled."""
    entering = asyncio.ensure_future(asyncio.to_thread(block.__enter__))
    try:
        yield await asyncio.shield(entering)
    finally:
        await asyncio.wait([entering])
        if entering.exception() is None:
            await asyncio.shield(asyncio.to_thread(block.__exit__, None, None, None))


def elsewhere(home: Path) -> Path:
    """The directory that takes the servers' files where their user cannot enter `home`."""
    return ELSEWHERE / f"reelwork-{hashlib.sha256(str(home.absolute()).encode()).hexdigest()[:16]}"


def _valkey(seat: Seat) -> Server | FakeValkeyServer:
    found = find_valkey()
    return ValkeyServer(seat, found) if found else FakeValkeyServer()


def _take_seat(home: Home, durable: bool) -> Seat:
    logs = home.path / "logs"
    logs.mkdir(exist_ok=True)
    identity = choose_identity(home.path, _existing_data(home.path))
    base = home.path if identity.can_enter(home.path) else _make_elsewhere(home.path)
    return Seat(base, logs, identity, home.state, home.watchdog, durable)


def _existing_data(home: Path) -> Path:
    """A directory that servers of an earlier run made, or one that is not there."""
    made = [found for base in (home, elsewhere(home)) for found in (*base.glob("pg*"), *base.glob("valkey"))]
    return made[0] if made else home / "none"


def _make_elsewhere(home: Path) -> Path:
    base = elsewhere(home)
    base.mkdir(mode=0o711, exist_ok=True)
    found = base.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise EngineMissing(f"{base} is not ours: remove it, or set REELWORK_HOME to another directory.")
    base.chmod(0o711)  # whatever the umask was
    return base
