"""The lease of this process, and the heartbeat that renews it.

The database is the authority: a worker that was silent for a whole lease may be called dead by another, and that is
final. This side trusts its lease only for a lease less a margin, counted from before the renewing statement was sent,
so that it stops before others may start. A heartbeat that learns that it was called dead gives up everything and
registers a new incarnation; one that comes late to a row that nobody ended goes on: where Postgres was away from all,
nobody has to be taken over.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from loguru import logger

from config.logs import name_worker
from db import retry, workers
from db.connection import Database, connect
from db.tables import Worker
from worker.clock import boottime
from worker.memory import resident_bytes
from worker.rounds import rounds

_MARGIN_S = 1.5
_AGAIN_S = 0.5


@dataclass(frozen=True, slots=True)
class LeasePolicy:
    """Seconds between heartbeats, and of silence until death."""

    beat_s: float
    lease_s: float

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_s)


@dataclass
class Incarnation:
    """Who this process is at the moment. `renewed_at` is when its newest renewal was sent, `unbroken_since` since when
    it has had Postgres without a break; both on the boottime clock. `draining` says that it takes nothing new, `left`
    that it does nothing any more, `restored` that its database is an old dump."""

    policy: LeasePolicy
    version: str
    capacity: int
    id: UUID = field(default_factory=uuid4)
    renewed_at: float | None = None
    unbroken_since: float | None = None
    draining: bool = False
    left: bool = False
    restored: bool = False
    _renewal: asyncio.Event = field(default_factory=asyncio.Event)

    def holds(self) -> bool:
        """Whether this process may start and publish things."""
        if self.left or self.restored or self.renewed_at is None:
            return False
        return boottime() < self.renewed_at + self.policy.lease_s - _MARGIN_S

    async def holding(self) -> None:
        """Wait until this process may start and publish things."""
        while not self.holds():
            self._renewal.clear()
            await self._renewal.wait()

    def may_judge(self) -> bool:
        """Whether this process has seen Postgres long enough to call others dead."""
        unbroken_since = self.unbroken_since
        return unbroken_since is not None and boottime() - unbroken_since >= self.policy.lease_s and not self._paused()

    def renewed(self, asked_at: float) -> None:
        """The database took a heartbeat that was sent at `asked_at`."""
        if self.unbroken_since is None or self._paused():
            self.unbroken_since = asked_at
        self.renewed_at = asked_at
        self._renewal.set()

    def _paused(self) -> bool:
        """Whether this process itself stood still: then others may have, and are about to beat again."""
        return self.renewed_at is None or boottime() - self.renewed_at > 2 * self.policy.beat_s

    def row(self) -> Worker:
        return Worker(
            id=self.id, host=socket.gethostname(), pid=os.getpid(), version=self.version, capacity=self.capacity
        )


class Heartbeat:
    """Keeps an incarnation alive on a connection of its own, so that no full pool can silence it."""

    def __init__(
        self, database: Database, me: Incarnation, in_flight: Callable[[], int], on_death: Callable[[], None]
    ) -> None:
        self._database = database
        self._me = me
        self._in_flight = in_flight
        self._on_death = on_death
        self._connection: Any = None

    async def run(self, stop: asyncio.Event) -> None:
        """Beat until `stop`; one that failed is soon followed by the next."""
        await rounds(self.run_once, self._pause_s, stop)
        await self._drop()

    def _pause_s(self) -> float:
        return self._me.policy.beat_s if self._me.unbroken_since is not None else _AGAIN_S

    async def run_once(self) -> bool:
        """One heartbeat; False where Postgres did not answer in time."""
        try:
            async with asyncio.timeout(self._me.policy.beat_s):
                await self._beat()
        except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
            self._me.unbroken_since = None
            logger.warning("heartbeat failed", action="heartbeat", error=type(error).__name__)
            await self._drop()
            return False
        return True

    async def register(self) -> None:
        """Make this incarnation known; waits for Postgres however long it takes."""
        while True:
            if await self._registered():
                return
            await asyncio.sleep(1)

    async def _registered(self) -> bool:
        try:
            async with asyncio.timeout(5):
                asked_at = boottime()
                await self._make_known(await self._connected(), asked_at)
        except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
            logger.warning("postgres is away, waiting", action="register", error=type(error).__name__)
            await self._drop()
            return False
        return True

    async def _beat(self) -> None:
        connection = await self._connected()
        asked_at = boottime()
        pulse = workers.Pulse(self._in_flight(), self._me.draining, resident_bytes())
        if await workers.beat(connection, self._me.id, pulse):
            self._me.renewed(asked_at)
            return
        logger.error("lease lost: giving up everything held", action="lease_lost")
        self._me.renewed_at = None
        self._on_death()
        self._me.id = uuid4()
        await self._make_known(connection, boottime())

    async def _make_known(self, connection: Any, asked_at: float) -> None:
        await workers.register(connection, self._me.row())
        self._me.renewed(asked_at)
        name_worker(self._me.id)

    async def _connected(self) -> Any:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._database)
        return self._connection

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()
