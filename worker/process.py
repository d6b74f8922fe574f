"""The worker process: everything it is made of, how it starts, and how it leaves.

It starts without Redis, waits for Postgres, and leaves within its grace whatever is away.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from arq.connections import ArqRedis
from loguru import logger

from config.settings import Settings
from db import installation, retry, workers
from db.connection import Database, Pool, connect, open_pool
from db.crypto import Sealer
from db.revision import EXPECTED
from jobqueue.channels import Channels
from jobqueue.fuse import Fuse
from jobqueue.tickets import Tickets
from media.inspector import Inspector
from observing.meters import Meters
from observing.page import page
from observing.port import served
from observing.totals import Totals
from observing.watch import Watch
from providers.registry import open_providers
from worker import policy_from
from worker.claimer import Claimer
from worker.copies import Copies
from worker.counted import Counted
from worker.erasing import Erasing
from worker.facts import Facts
from worker.history import HistoryKeeper
from worker.hub import PollHub
from worker.learned import LearnedTimes
from worker.lease import Heartbeat, Incarnation
from worker.neighbours import Neighbours
from worker.pace import Pace
from worker.policies import Policies
from worker.progress import ProgressBook
from worker.readiness import Readiness
from worker.rescue import Rescuer
from worker.retention import Retention
from worker.runner import Runner
from worker.scratch import Scratch
from worker.tools import Tools

_WAIT_S = 1.0
_CHILDREN = 2


class Loop(Protocol):
    """What a process does over and over until `stop`."""

    async def run(self, stop: asyncio.Event) -> None: ...


@dataclass
class Process:
    """One worker. `stop` ends its loops; `loops` are their tasks."""

    installation: UUID
    policies: Policies
    pool: Pool
    me: Incarnation
    runner: Runner
    claimer: Claimer
    rescuer: Rescuer
    retention: Retention
    facts: Facts
    hub: PollHub
    times: LearnedTimes
    progress: ProgressBook
    tickets: Tickets
    channels: Channels
    heartbeat: Heartbeat
    neighbours: Neighbours
    copies: Copies
    erasing: Erasing
    scratch: Scratch
    history: HistoryKeeper
    readiness: Readiness
    totals: Totals
    alerts: Watch
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    loops: list["asyncio.Task[None]"] = field(default_factory=list)

    async def start(self) -> None:
        """Register, look whether the database is the newest, then run the loops."""
        await self.heartbeat.register()
        self._begin(self.heartbeat)
        await self.history.run_once()
        for loop in (
            self.history,
            self.claimer,
            self.rescuer,
            self.progress,
            self.hub,
            self.times,
            self.neighbours,
            self.copies,
            self.erasing,
            self.scratch,
            self.readiness,
            self.totals,
            self.alerts,
        ):
            self._begin(loop)
        self.loops.append(asyncio.create_task(self._hear(), name="control"))
        logger.info("worker started", action="start")

    def may_tidy(self) -> bool:
        """Whether rows and files may be removed now: not while a person sorts things out."""
        return self.me.holds() and not self.policies.starts_paused

    def _begin(self, loop: Loop) -> None:
        self.loops.append(asyncio.create_task(loop.run(self.stop), name=type(loop).__name__))

    async def _hear(self) -> None:
        """What others say: a job of ours is wanted, its provider has news of it, or a lane's listing was read."""
        async for message in self.channels.control():
            with suppress(KeyError, TypeError, ValueError):
                if "sweep" in message:
                    self.hub.hear(message["sweep"])
                elif "hintedId" in message:
                    self._ask_now(UUID(message["hintedId"]))
                else:
                    await self._look(UUID(message["jobId"]))

    def _ask_now(self, job_id: UUID) -> None:
        if held := self.runner.held().get(job_id):
            self.hub.ask_now(held.lane_id, job_id)

    async def _look(self, job_id: UUID) -> None:
        """Look at the rows now instead of in a few seconds."""
        if job_id in self.runner.held():
            try:
                await self.rescuer.compare()
            except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
                logger.warning("a wanted job could not be read", error=type(error).__name__)

    async def end_loops(self) -> None:
        """Stop the loops; one that hangs in a call that cannot be cancelled is left behind after a second."""
        self.stop.set()
        for task in self.loops:
            task.cancel()
        if self.loops:
            await asyncio.wait(self.loops, timeout=_WAIT_S)

    async def leave(self) -> None:
        """The last word in Postgres: everything still held is free at once."""
        await workers.leave(self.pool, self.me.id)


@asynccontextmanager
async def open_process(settings: Settings, redis: ArqRedis) -> AsyncIterator[Process]:
    """Build a worker; its connections are closed at the end of the block."""
    database = policy_from.database_of(settings)
    policies = policy_from.policies_of(settings)
    async with AsyncExitStack() as stack:
        installed = await _wait_for_database(database)
        pool = await stack.enter_async_context(open_pool(database, settings.db_pool_max, min_size=0))
        adapters = open_providers(policy_from.catalogue_of(settings), policy_from.wire_of(settings))
        meters = Meters()
        opened = await stack.enter_async_context(adapters)
        providers = {kind: Counted(adapter, meters) for kind, adapter in opened.items()}
        storage = policy_from.storage_of(settings)
        stack.push_async_callback(storage.close)
        inspector = Inspector(children=_CHILDREN)
        stack.push_async_callback(inspector.close)
        me = policy_from.incarnation_of(settings)
        pace = Pace(policies.requests_per_second)
        fuse, facts, times = Fuse(), Facts(), LearnedTimes(pool)
        channels, tickets = Channels(redis, installed, fuse), Tickets(redis, installed, fuse)
        hub = PollHub(pool, pace, times, channels)
        stack.push_async_callback(hub.close)
        tools = Tools(
            pool=pool,
            me=me,
            policies=policies,
            providers=providers,
            storage=storage,
            scratch=Scratch(policies.work_dir),
            inspector=inspector,
            sealer=Sealer(settings.encryption_keys),
            channels=channels,
            tickets=tickets,
            hub=hub,
            progress=ProgressBook(pool, channels),
            facts=facts,
            meters=meters,
            transfers=asyncio.Semaphore(policies.transfer_concurrency),
            poke=lambda lane_id: claimer.poke(lane_id),
        )
        runner = Runner(tools, lambda lane_id: claimer.poke(lane_id))
        limits = policy_from.limits_of(settings)
        await stack.enter_async_context(served(settings.metrics_port, lambda: page(pool, limits)))
        claimer = Claimer(pool, me, runner, policies, tickets)
        yield Process(
            installation=installed,
            policies=policies,
            pool=pool,
            me=me,
            runner=runner,
            claimer=claimer,
            rescuer=Rescuer(pool, me, runner, meters),
            retention=Retention(pool, storage, policy_from.keeping_of(settings)),
            facts=facts,
            hub=hub,
            times=times,
            progress=tools.progress,
            tickets=tickets,
            channels=channels,
            heartbeat=Heartbeat(database, me, lambda: runner.in_flight, lambda: _drop_all(runner)),
            neighbours=Neighbours(pool, policies.lease.lease, pace),
            readiness=Readiness(storage, policies, claimer),
            copies=Copies(pool, me, policies, providers, tools.sealer),
            erasing=Erasing(pool, me, policies, storage),
            scratch=tools.scratch,
            totals=Totals(pool, meters, "worker"),
            alerts=Watch(pool, limits, policy_from.receivers_of(settings)),
            history=HistoryKeeper(pool, storage, me, lambda: _drop_all(runner)),
        )


def _drop_all(runner: Runner) -> None:
    """The lease is lost, or the rows are old: nothing here is ours any more."""
    runner.stop(runner.held())


async def _wait_for_database(database: Database) -> UUID:
    """The installation's id, once Postgres answers at this release's revision."""
    while True:
        try:
            connection = await connect(database)
            try:
                if (found := await installation.revision(connection)) is not None and found >= EXPECTED:
                    return await installation.installation_id(connection)
                logger.warning("the database is not migrated, waiting", action="start", found=found, needed=EXPECTED)
            finally:
                connection.terminate()
        except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
            logger.warning("postgres is away, waiting", action="start", error=type(error).__name__)
        await asyncio.sleep(_WAIT_S)
