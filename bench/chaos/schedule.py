"""What is broken when: drawn from a seed alone, so that the same seed breaks the same things at the same times."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random


class Kind(StrEnum):
    """What can be done to an installation."""

    KILL_WORKER = "kill_worker"
    TERM_WORKER = "term_worker"
    FREEZE_WORKER = "freeze_worker"
    BLINK_WORKER = "blink_worker"
    KILL_API = "kill_api"
    TERM_API = "term_api"
    FREEZE_API = "freeze_api"
    FLUSH_REDIS = "flush_redis"
    KILL_REDIS = "kill_redis"
    FREEZE_REDIS = "freeze_redis"
    RESTART_POSTGRES = "restart_postgres"
    CRASH_POSTGRES = "crash_postgres"
    CUT_POSTGRES = "cut_postgres"
    STORAGE_AWAY = "storage_away"
    WORK_DIR_AWAY = "work_dir_away"
    BREAK_PROVIDER = "break_provider"


PROVIDER_FAULTS = (
    ("submit=429,retry_after=1,probability=0.5",),
    ("submit=503,probability=0.4",),
    ("submit=500-after,probability=0.4",),
    ("submit=hang,seconds=60,probability=0.3",),
    ("submit=hang-after,window=60,probability=0.3",),
    ("submit=reset-after,window=0.2,probability=0.4",),
    ("submit=hang-up,probability=0.4",),
    ("submit=truncated-json,probability=0.4",),
    ("list=500", "poll=404"),
    ("list=500,probability=0.7", "poll=500,probability=0.7"),
    ("list=429,retry_after=2", "poll=429,retry_after=2"),
    ("list=hang,seconds=60,probability=0.3", "poll=hang,seconds=60,probability=0.2"),
    ("list=cut,probability=0.5", "poll=reset,probability=0.5"),
    ("content=cut,probability=0.6",),
    ("content=truncated,probability=0.4",),
    ("content=500,probability=0.6",),
    ("content=reset,probability=0.6", "content=hang,seconds=60,probability=0.1"),
    ("content=wrong-content,of=html,probability=0.3",),
)
"""Sets of simulator rules; one set is in force for the length of its act."""

_DECK = (
    *(3 * (Kind.KILL_WORKER,)),
    *(3 * (Kind.BREAK_PROVIDER,)),
    *(kind for kind in Kind if kind not in (Kind.KILL_WORKER, Kind.BREAK_PROVIDER)),
)

_AT_ONCE = {
    *(Kind.KILL_WORKER, Kind.TERM_WORKER, Kind.KILL_API, Kind.TERM_API),
    *(Kind.FLUSH_REDIS, Kind.CUT_POSTGRES),
}


@dataclass(frozen=True, slots=True)
class Shape:
    """How rough a run is: seconds between acts, of an outage, of a long freeze (longer than a lease)."""

    duration_s: float
    gap_s: float
    outage_s: tuple[float, float]
    freeze_s: tuple[float, float]
    workers: int = 3
    apis: int = 2


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that is done `at_s` seconds after the start, to the process number `target`, for `for_s` seconds."""

    at_s: float
    kind: Kind
    target: int = 0
    for_s: float = 0.0
    rules: tuple[str, ...] = ()

    def __str__(self) -> str:
        what = f"{self.at_s:7.1f} s  {self.kind}"
        what += f" {self.target}" if self.kind.endswith(("_worker", "_api")) else ""
        what += f" for {self.for_s:.1f} s" if self.for_s else ""
        return what + "".join(f" [{rule}]" for rule in self.rules)


def schedule(seed: int, shape: Shape) -> list[Act]:
    """The acts of a run in their order. Every kind comes up before any comes up again."""
    random = Random(f"acts {seed}")
    at_s = 0.0
    acts: list[Act] = []
    for kind in _drawn(random):
        at_s += shape.gap_s * random.uniform(0.5, 1.5)
        if at_s >= shape.duration_s:
            return acts
        acts.append(_act(random, round(at_s, 1), kind, shape))
    return acts


def _drawn(random: Random) -> Iterator[Kind]:
    while True:
        yield from random.sample(_DECK, len(_DECK))


def _act(random: Random, at_s: float, kind: Kind, shape: Shape) -> Act:
    outage_s = round(random.uniform(*shape.outage_s), 1)
    freeze_s = round(random.uniform(*shape.freeze_s), 1)
    target = random.randrange(shape.workers if kind.endswith("_worker") else shape.apis)
    rules = random.choice(PROVIDER_FAULTS)
    if kind in _AT_ONCE:
        return Act(at_s, kind, target)
    lasts_s = freeze_s if kind is Kind.FREEZE_WORKER else outage_s
    return Act(at_s, kind, target, lasts_s, rules if kind is Kind.BREAK_PROVIDER else ())
