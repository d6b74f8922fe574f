"""The lease of this process, and the heartbeat that renews it.

The database is the authority: a worker silent for a whole lease is dead for good. This side trusts its lease only for
a lease less a margin, counted from before the renewing statement was sent, so that it stops before others may start.
A heartbeat that learns that its row expired gives up everything and registers a new incarnation.
"""

import asyncio
import os
import socket
from collections.abc import Callable
from contextlib import suppress
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

_MARGIN_S = 1.5


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
    """Who this process is at the moment. `until` is when it stops to trust its lease, on the boottime clock;
    `unbroken_since` is since when it has had Postgres without a break."""

    policy: LeasePolicy
    version: str
    capacity: int
    id: UUID = field(default_factory=uuid4)
    until: float = 0.0
    unbroken_since: float | None = None
    draining: bool = False

    def holds(self) -> bool:
        """Whether this process may start and publish things."""
        return boottime() < self.until

    def may_judge(self) -> bool:
        """Whether this process has seen Postgres long enough to call others dead."""
        return self.unbroken_since is not None and boottime() - self.unbroken_since >= self.policy.lease_s

    def renewed(self, asked_at: float) -> None:
        self.until = asked_at + self.policy.lease_s - _MARGIN_S
        if self.unbroken_since is None:
            self.unbroken_since = asked_at

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
        """Beat until `stop`; waits on it instead of sleeping."""
        while not stop.is_set():
            await self.run_once()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._me.policy.beat_s)
        await self._drop()

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
        if await workers.beat(connection, self._me.id, self._me.policy.lease, pulse):
            self._me.renewed(asked_at)
            return
        logger.error("lease lost: giving up everything held", action="lease_lost")
        self._me.until = 0.0
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
