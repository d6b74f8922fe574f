"""One flight: many videos at once through one worker process, and what each of them cost."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.chaos.recovery import percentile
from bench.speed.contestants import Contestant
from bench.speed.meter import Meter, Reading, open_meter
from bench.speed.stage import Scene, Stage, open_stage

_PROBE_EVERY_S = 0.1
_PATIENCE_S = 300.0

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Flight:
    """What is flown. `idle_s` is watched before it, `probes` single videos come while all others are in flight."""

    scene: Scene
    idle_s: float = 10
    probes: int = 20


@dataclass(frozen=True, slots=True)
class Flown:
    """The figures. `video` holds what one video cost, `delays` seconds at p50 and p99, `idle` rates a second."""

    who: str
    videos: int
    generation_s: float
    completed: int
    seconds: float
    video: Mapping[str, float]
    delays: Mapping[str, float]
    idle: Mapping[str, float]
    idle_rss_mb: float
    peak_rss_mb: float
    waiting_cpu_percent: float | None


async def fly(who: Contestant, flight: Flight, folder: Path, tell: Tell) -> Flown:
    """On a stage of its own; TimeoutError where it does not end long after it should have."""
    async with open_stage(folder, flight.scene) as stage:
        await who.start(stage)
        async with open_meter(stage) as meter:
            rested = await meter.read()
            await asyncio.sleep(flight.idle_s)
            before = await meter.read()
            await _through(who, flight, stage, meter, tell)
            after = await meter.read()
            times = [dict(row) for row in await meter.conn.fetch(who.times)]
        return _flown(who.name, flight, stage, meter, (rested, before, after), times)


async def _through(who: Contestant, flight: Flight, stage: Stage, meter: Meter, tell: Tell) -> None:
    """Returns when every video is done."""
    scene = flight.scene
    deadline = time.monotonic() + _PATIENCE_S + scene.generation_s + scene.videos * 0.1
    await who.submit(stage, scene.videos)
    await _until(meter, who.waiting, lambda left: left == 0, deadline, lambda left: tell(f"{left} to be submitted"))
    for _ in range(flight.probes):
        await who.submit(stage, 1)
        await asyncio.sleep(_PROBE_EVERY_S)
    total = scene.videos + flight.probes
    await _until(meter, who.done, lambda n: n == total, deadline, lambda n: tell(f"{n} of {total} done"))


async def _until(
    meter: Meter, statement: str, is_it: Callable[[int], bool], deadline: float, tell: Callable[[int], None]
) -> None:
    while not is_it(number := await meter.conn.fetchval(statement)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{statement} still says {number}")
        tell(number)
        await asyncio.sleep(1)


def _flown(
    who: str,
    flight: Flight,
    stage: Stage,
    meter: Meter,
    readings: tuple[Reading, Reading, Reading],
    times: Sequence[Mapping[str, Any]],
) -> Flown:
    rested, before, after = readings
    books = stage.simulator.books()
    total = flight.scene.videos + flight.probes
    provider = {line["id"]: line for line in books["submissions"]}
    last_start = max(line["arrived_at"] for line in books["submissions"])
    first_end = min(line["ends_at"] for line in books["submissions"])
    idle = before.since(rested)
    share = meter.cpu_share(last_start, first_end)
    return Flown(
        who=who,
        videos=total,
        generation_s=flight.scene.generation_s,
        completed=len(times),
        seconds=after.at - before.at,
        video=_a_video(after.since(before), books["requests"], total),
        delays=_delays(times, provider, flight),
        idle={
            "statements": idle.statements / idle.at,
            "commands": idle.commands / idle.at,
            "cpu_percent": 100 * idle.cpu_s / idle.at,
        },
        idle_rss_mb=max(sample.rss for sample in meter.samples if sample.at <= before.at) / 1e6,
        peak_rss_mb=max(sample.rss for sample in meter.samples) / 1e6,
        waiting_cpu_percent=None if share is None else 100 * share,
    )


def _a_video(used: Reading, requests: Mapping[str, int], total: int) -> dict[str, float]:
    polls = sum(count for name, count in requests.items() if name.endswith((".poll", ".list")))
    sums = {
        "worker_cpu_ms": 1000 * used.cpu_s,
        "media_cpu_ms": 1000 * used.media_cpu_s,
        "requests": sum(requests.values()),
        "polls": polls,
        "statements": used.statements,
        "commands": used.commands,
        "redis_bytes": used.redis_bytes,
        "redis_cpu_ms": 1000 * used.redis_cpu_s,
        "wal_bytes": used.wal_bytes,
    }
    return {name: value / total for name, value in sums.items()}


def _delays(
    times: Sequence[Mapping[str, Any]], provider: Mapping[str, Mapping[str, Any]], flight: Flight
) -> dict[str, float]:
    """From accepted to submitted, of the burst and of the probes, and from ready to noticed."""
    ordered = sorted(times, key=lambda one: one["accepted"])
    started = [provider[one["id"]]["arrived_at"] - one["accepted"] for one in ordered]
    noticed = [one["noticed"] - provider[one["id"]]["ends_at"] for one in ordered]
    series = {
        "submitted": started[: flight.scene.videos],
        "probe_submitted": started[flight.scene.videos :],
        "noticed": noticed,
    }
    return {
        f"{name}_p{share}": percentile(values, share / 100) for name, values in series.items() for share in (50, 99)
    }
