"""Reads what has been used so far: a process's CPU and memory, Postgres's statements, Redis's commands."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import astuple, dataclass, field

import asyncpg
import psutil
from redis.asyncio import Redis

from bench.speed.stage import WORKER_ROLE, Stage

_STATEMENTS = f"SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_statements WHERE userid = '{WORKER_ROLE}'::regrole"  # noqa: S608 - a constant of ours
_WAL = "SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"
_SAMPLE_S = 0.25


@dataclass(frozen=True, slots=True)
class Reading:
    """Sums since the start of each process. `media_cpu_s` is the worker's children's: they look at videos and make
    posters; commands and bytes are Redis's from and to everybody."""

    at: float
    cpu_s: float
    media_cpu_s: float
    statements: float
    wal_bytes: float
    commands: float
    redis_bytes: float
    redis_cpu_s: float

    def since(self, before: "Reading") -> "Reading":
        """What was used in between."""
        pairs = zip(astuple(self), astuple(before), strict=True)
        return Reading(*(after - earlier for after, earlier in pairs))


@dataclass(frozen=True, slots=True)
class Sample:
    """A look at the process alone."""

    at: float
    cpu_s: float
    rss: int


@dataclass
class Meter:
    """Of one worker process and its engines. `samples` grow four a second while it is open."""

    process: psutil.Process
    redis_process: psutil.Process
    conn: "asyncpg.Connection[asyncpg.Record]"
    redis: "Redis"
    samples: list[Sample] = field(default_factory=list)

    async def read(self) -> Reading:
        """All sums now."""
        statements = await self.conn.fetchval(_STATEMENTS)
        wal_bytes = await self.conn.fetchval(_WAL)
        stats = await self.redis.info("stats")
        return Reading(
            at=time.time(),
            cpu_s=own_cpu(self.process),
            media_cpu_s=children_cpu(self.process),
            statements=statements,
            wal_bytes=wal_bytes,
            commands=stats["total_commands_processed"],
            redis_bytes=stats["total_net_input_bytes"] + stats["total_net_output_bytes"],
            redis_cpu_s=own_cpu(self.redis_process),
        )

    async def sample(self) -> None:
        """Until cancelled."""
        while True:
            self.samples.append(Sample(time.time(), own_cpu(self.process), self.process.memory_info().rss))
            await asyncio.sleep(_SAMPLE_S)

    def cpu_share(self, since: float, until: float) -> float | None:
        """Of one core, between two moments; None where they are not at least two seconds apart."""
        within = [sample for sample in self.samples if since <= sample.at <= until]
        if not within or within[-1].at - within[0].at < 2:
            return None
        return (within[-1].cpu_s - within[0].cpu_s) / (within[-1].at - within[0].at)


@asynccontextmanager
async def open_meter(stage: Stage) -> AsyncIterator[Meter]:
    """On the stage's worker, which runs."""
    assert stage.engines.valkey is not None
    valkey_pid = stage.engines.valkey.pid
    assert valkey_pid is not None
    conn = await asyncpg.connect(stage.engines.database_url)
    redis = Redis.from_url(stage.engines.redis_url)
    meter = Meter(psutil.Process(stage.worker_pid), psutil.Process(valkey_pid), conn, redis)
    sampling = asyncio.create_task(meter.sample())
    try:
        yield meter
    finally:
        sampling.cancel()
        await asyncio.wait([sampling])
        await redis.aclose()
        await conn.close()


def own_cpu(process: psutil.Process) -> float:
    """Seconds of CPU of the process alone."""
    times = process.cpu_times()
    return float(times.user + times.system)


def children_cpu(process: psutil.Process) -> float:
    """Of those that live, and of those that ended and were waited for."""
    times = process.cpu_times()
    total = float(times.children_user + times.children_system)
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += own_cpu(child)
    return total
