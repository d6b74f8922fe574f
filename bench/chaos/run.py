"""One run: a seed's orders and acts on an installation of its own, then the audit."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import asyncpg

from bench.chaos.acts import Performer
from bench.chaos.audit import Finding, audit
from bench.chaos.books import Books
from bench.chaos.callers import Callers
from bench.chaos.orders import orders
from bench.chaos.reading import read_books, read_steps
from bench.chaos.recovery import Disturbances, Wait, too_slow, waits
from bench.chaos.schedule import Shape, schedule
from bench.chaos.stage import Stage, Timing, open_stage
from db.connection import Database, open_pool
from db.retention import Kept
from db.retry import UNAVAILABLE
from storage.local import LocalStorage
from worker.retention import Keeping, Retention

_OPEN = "SELECT state, count(*) AS n FROM reelwork.video_jobs GROUP BY state"
_MOVING = {"queued", "submitting", "generating", "collecting"}
_TELL_EVERY_S = 2.0
_KEEPING = Keeping(Kept(timedelta(0), 0, timedelta(0), 0), timedelta(0), None, None)


@dataclass(frozen=True, slots=True)
class Plan:
    """`patience_s` is after how long without any change what has not ended counts as stuck;
    `recovery_s` what the 99th percentile of calm recoveries may take, None where the machine is not to be judged."""

    seed: int
    jobs: int
    shape: Shape
    timing: Timing
    patience_s: float
    recovery_s: float | None = None


@dataclass
class Result:
    """What came of a run. Of the calls whose answer was lost, `found` a listing showed, `absent` it disproved.

    `leavings` are the seconds that processes took to leave after SIGTERM.
    """

    plan: Plan
    states: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    paid: int = 0
    acts: int = 0
    found: int = 0
    absent: int = 0
    swept: int = 0
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    leavings: list[float] = field(default_factory=list)
    callers_saw: Counter[str] = field(default_factory=Counter)


Tell = Callable[[str], None]


async def run(plan: Plan, folder: Path, tell: Tell) -> Result:
    """Play the plan in `folder`, which must be empty and stays; `tell` hears how it goes."""
    started = time.monotonic()
    wanted, acts = orders(plan.seed, plan.jobs), schedule(plan.seed, plan.shape)
    result = Result(plan, acts=len(acts))
    shape = plan.shape
    async with open_stage(folder, plan.timing, apis=shape.apis, workers=shape.workers, seed=plan.seed) as stage:
        performer, callers = Performer(stage), Callers(stage)
        telling = asyncio.create_task(_tell_on(stage, performer, callers, tell))
        async with asyncio.TaskGroup() as group:
            group.create_task(performer.play(acts))
            group.create_task(callers.run(wanted, shape.duration_s * 0.9))
        await _come_to_rest(stage, plan.patience_s)
        telling.cancel()
        await stage.fleet.leave(plan.timing.grace + 10)
        result.swept = await _sweep(stage)
        books = await read_books(stage, wanted, callers.accepted)
        steps, workers = await read_steps(stage)
    around = Disturbances(stage.fleet, performer.database_away, plan.timing.lease)
    result.waits, result.leavings = waits(steps, workers, around), stage.fleet.leavings()
    result.callers_saw = callers.troubles
    _count(result, books)
    result.findings = [*audit(books), *_other_findings(result, stage, performer, callers)]
    result.seconds = time.monotonic() - started
    return result


def _count(result: Result, books: Books) -> None:
    result.states = Counter(job.state for job in books.jobs.values())
    result.accepted, result.paid = len(books.accepted), len(books.paid)
    result.found = sum(one.inferred for one in books.submissions)
    result.absent = sum(one.outcome == "absent" for one in books.submissions)


def _other_findings(result: Result, stage: Stage, performer: Performer, callers: Callers) -> Iterator[Finding]:
    """What went wrong and stands in no book."""
    for sentence in callers.refused:
        yield Finding("refused", "a caller", sentence)
    for name, sentence in stage.fleet.unasked_ends():
        yield Finding("process exited", name, sentence)
    for sentence in performer.troubles:
        yield Finding("act not done", "chaos", sentence)
    most_s = result.plan.recovery_s
    if most_s is not None and (told := too_slow(result.waits, most_s)):
        yield Finding("recovery slow", "adoption", told)


async def _come_to_rest(stage: Stage, patience_s: float) -> None:
    """Wait until all has ended and no killed worker's transfer is left. What remains is a breach where nothing has
    changed for as long as `patience_s`."""
    seen: object = None
    changed_at = time.monotonic()
    while time.monotonic() - changed_at < patience_s:
        transfers, states = await _look(stage)
        if not transfers and states is not None and not _MOVING & states.keys():
            return
        if (now := (transfers, states)) != seen:
            seen, changed_at = now, time.monotonic()
        await asyncio.sleep(0.5)


async def _look(stage: Stage) -> tuple[list[Path], dict[str, int] | None]:
    """Transfers under way or left behind, and how many jobs stand where; None where Postgres did not answer."""
    transfers = await asyncio.to_thread(lambda: sorted(stage.work_dir.iterdir()))
    with suppress(*UNAVAILABLE):
        return transfers, await _states(stage)
    return transfers, None


async def _sweep(stage: Stage) -> int:
    """What the cleaner does each minute and the sweeper each hour; returns how many unfinished uploads there were."""
    storage = LocalStorage(stage.videos)
    async with open_pool(Database(stage.engines.database_url), 2) as pool:
        cleaner = Retention(pool, storage, _KEEPING)
        while await cleaner.discarded(timedelta(0)):
            continue
    return await storage.sweep(timedelta(0))


async def _states(stage: Stage) -> dict[str, int]:
    connection = await asyncpg.connect(stage.engines.database_url, timeout=5)
    try:
        return {row["state"]: row["n"] for row in await connection.fetch(_OPEN)}
    finally:
        await connection.close()


async def _tell_on(stage: Stage, performer: Performer, callers: Callers, tell: Tell) -> None:
    started = time.monotonic()
    states: dict[str, int] = {}
    while True:
        with suppress(*UNAVAILABLE):
            states = await _states(stage)
        shown = "  ".join(f"{state} {states[state]}" for state in sorted(states))
        clock = f"{time.monotonic() - started:5.0f} s"
        tell(f"{clock}  accepted {len(callers.accepted)}  {shown}  acts {performer.done} ({performer.latest})")
        await asyncio.sleep(_TELL_EVERY_S)
