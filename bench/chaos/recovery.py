"""How long videos of a fallen worker waited for their next owner, from the timelines."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from bench.chaos.fleet import Fleet, Slot


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a timeline: `at` in seconds since the epoch, `worker` where one was named."""

    job_id: UUID
    at: float
    type: str
    worker: UUID | None


@dataclass(frozen=True, slots=True)
class Incarnation:
    """A worker as it registered: its process, and when."""

    pid: int
    started_at: float


@dataclass(frozen=True, slots=True)
class Wait:
    """A video waited so many seconds from its owner's fall to its adoption. `calm`: meanwhile Postgres was there, and
    another worker had been and was alive to see it."""

    seconds: float
    fell_by: str
    calm: bool


@dataclass(frozen=True, slots=True)
class Disturbances:
    """What else went on. `lease_s` is how long a worker must have stood to judge others."""

    fleet: Fleet
    database_away: Sequence[tuple[float, float]]
    lease_s: float

    def calm(self, slot: Slot, since: float, until: float) -> bool:
        """Whether adoption could not be held up by anything but our own slowness."""
        others = [life for other in self.fleet.workers if other is not slot for life in other.lives]
        seen = any(life.stood(since - self.lease_s, until) for life in others)
        return seen and not any(start < until and end > since - self.lease_s for start, end in self.database_away)


def waits(steps: Iterable[Step], workers: Mapping[UUID, Incarnation], around: Disturbances) -> list[Wait]:
    """One for each adoption from a worker that was killed, frozen or told to leave; `steps` in their order."""
    holders: dict[UUID, UUID] = {}
    found = []
    for step in steps:
        if step.worker is None:
            continue
        before = holders.get(step.job_id)
        if step.type == "adopted" and before is not None and before in workers and before != step.worker:
            found.append(_wait(step, workers[before], around))
        holders[step.job_id] = step.worker
    return [wait for wait in found if wait is not None]


def _wait(step: Step, before: Incarnation, around: Disturbances) -> Wait | None:
    """A thawed process registers anew: only what fell under the very name that held the video made it wait."""
    for slot in around.fleet.workers:
        for life in slot.lives:
            falls = [
                fall for fall in life.falls if before.started_at <= fall.at <= step.at and fall.outlasts(around.lease_s)
            ]
            if life.pid == before.pid and falls:
                last = falls[-1]
                return Wait(step.at - last.at, last.by, around.calm(slot, last.at, step.at))
    return None


def too_slow(found: Sequence[Wait], most_s: float) -> str | None:
    """A sentence where one in a hundred of the calm waits took longer than that."""
    p99 = percentile([wait.seconds for wait in found if wait.calm], 0.99)
    return f"took {p99:.1f} s at the 99th percentile, {most_s:g} s are promised" if p99 > most_s else None


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of them do not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
