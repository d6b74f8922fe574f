"""Doing what the schedule says to a running installation."""

import asyncio
import os
import signal
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import redis.asyncio as redis

from bench.chaos.fleet import Slot
from bench.chaos.schedule import Act, Kind
from bench.chaos.stage import Stage

_CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE pid <> pg_backend_pid() AND application_name LIKE 'reelwork%'
"""


@dataclass
class Performer:
    """`database_away` are the spans, in seconds since the epoch, in which Postgres was not to be relied on;
    `troubles` are acts that could not be done."""

    stage: Stage
    done: int = 0
    latest: str = ""
    database_away: list[tuple[float, float]] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    _locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def play(self, acts: Sequence[Act]) -> None:
        """Each act at its time, side by side where they overlap; what one broke is whole again at the end."""
        started = time.monotonic()
        async with asyncio.TaskGroup() as group:
            for act in acts:
                await asyncio.sleep(max(started + act.at_s - time.monotonic(), 0))
                group.create_task(self._safely(act))

    async def _safely(self, act: Act) -> None:
        self.latest = act.kind
        try:
            await self._perform(act)
        except Exception as error:  # noqa: BLE001 - an act that failed must not end the run, and is reported
            self.troubles.append(f"{act}: {type(error).__name__}: {error}")
        self.done += 1

    async def _perform(self, act: Act) -> None:
        match act.kind:
            case Kind.KILL_WORKER | Kind.TERM_WORKER | Kind.FREEZE_WORKER | Kind.BLINK_WORKER:
                await self._fell(self.stage.fleet.workers[act.target], act)
            case Kind.KILL_API | Kind.TERM_API | Kind.FREEZE_API:
                await self._fell(self.stage.fleet.apis[act.target], act)
            case Kind.FLUSH_REDIS | Kind.KILL_REDIS | Kind.FREEZE_REDIS:
                async with self._locks["redis"]:
                    await self._redis(act)
            case Kind.RESTART_POSTGRES | Kind.CRASH_POSTGRES | Kind.CUT_POSTGRES:
                async with self._locks["postgres"]:
                    await self._postgres(act)
            case Kind.STORAGE_AWAY:
                async with self._locks["storage"]:
                    await _away(self.stage.videos, act.for_s)
            case Kind.WORK_DIR_AWAY:
                async with self._locks["work_dir"]:
                    await _away(self.stage.work_dir, act.for_s)
            case Kind.BREAK_PROVIDER:
                await self._provider(act)

    async def _fell(self, slot: Slot, act: Act) -> None:
        number = {"kill": signal.SIGKILL, "term": signal.SIGTERM}.get(act.kind.split("_")[0], signal.SIGSTOP)
        fall = slot.fell(number, act.kind)
        if fall is not None and number is signal.SIGSTOP:
            await asyncio.sleep(act.for_s)
            slot.thaw(fall)

    async def _redis(self, act: Act) -> None:
        valkey = self.stage.valkey
        match act.kind:
            case Kind.KILL_REDIS:
                await valkey.kill()
                await asyncio.sleep(act.for_s)
                await valkey.start()
            case Kind.FREEZE_REDIS:
                await valkey.pause()
                await asyncio.sleep(act.for_s)
                await valkey.resume()
        if act.kind is not Kind.FREEZE_REDIS:
            async with redis.Redis.from_url(self.stage.engines.redis_url) as connection:
                await connection.flushall()

    async def _postgres(self, act: Act) -> None:
        since, postgres = time.time(), self.stage.postgres
        match act.kind:
            case Kind.CUT_POSTGRES:
                connection = await asyncpg.connect(self.stage.engines.database_url)
                await connection.execute(_CUT)
                await connection.close()
            case Kind.CRASH_POSTGRES if postgres.pid is not None:
                os.kill(postgres.pid, signal.SIGQUIT)
                await postgres.stop()
            case _:
                await postgres.stop()
        if act.kind is not Kind.CUT_POSTGRES:
            await asyncio.sleep(act.for_s)
            await postgres.start()
        self.database_away.append((since, time.time()))

    async def _provider(self, act: Act) -> None:
        simulator = self.stage.simulator
        rules = [await asyncio.to_thread(simulator.add_fault, rule) for rule in act.rules]
        await asyncio.sleep(act.for_s)
        for rule in rules:
            await asyncio.to_thread(simulator.remove_fault, rule)


async def _away(folder: Path, for_s: float) -> None:
    """A file stands where the folder was: whatever is read or written there fails, whoever does it."""
    aside = folder.with_name(folder.name + ".aside")
    await asyncio.to_thread(_put_aside, folder, aside)
    await asyncio.sleep(for_s)
    await asyncio.to_thread(_put_back, folder, aside)


def _put_aside(folder: Path, aside: Path) -> None:
    folder.rename(aside)
    folder.write_bytes(b"")


def _put_back(folder: Path, aside: Path) -> None:
    folder.unlink()
    aside.rename(folder)
