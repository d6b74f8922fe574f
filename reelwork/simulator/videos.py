"""One video at the provider. Its state is not stepped by timers: it follows from the clock, whenever somebody asks."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from reelwork.simulator.accounts import Account
from reelwork.simulator.faults.kinds import Fault
from reelwork.simulator.faults.rules import Rule


class Phase(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({Phase.SUCCEEDED, Phase.FAILED, Phase.CANCELLED})
_FAILING = frozenset({"fail", "fail-as-500", "moderate-later", "rpc"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a submission asks for, read out of any dialect. `echo` is what later answers repeat of it."""

    model: str
    prompt: str
    seconds: float
    width: int
    height: int
    fps: int | None = None
    audio: bool = True
    label: str | None = None
    samples: int = 1
    inline: bool = False
    storage_uri: str | None = None
    remixed_from: str | None = None
    callbacks: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    echo: Any = None

    @property
    def size(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(slots=True)
class Video:
    """An accepted submission. Times are the simulator's clock; `serial` orders videos by acceptance."""

    id: str
    account: Account
    dialect: str
    wanted: Wanted
    serial: int
    arrived_at: float
    accepted_at: float
    queued_until: float
    ends_at: float
    fates: Mapping[str, Fault]
    rules: list[Rule]
    stopped_at: float | None = None
    is_deleted: bool = False
    is_forgotten: bool = False
    polls: int = 0

    def phase(self, now: float) -> Phase:
        if self.stopped_at is not None and self.stopped_at < self.ends_at:
            return Phase.CANCELLED
        if now < min(self.queued_until, self.ends_at):
            return Phase.QUEUED
        if now < self.ends_at:
            return Phase.RUNNING
        if "cancelled" in self.fates:
            return Phase.CANCELLED
        return Phase.FAILED if _FAILING & self.fates.keys() else Phase.SUCCEEDED

    def has_ended(self, now: float) -> bool:
        return self.phase(now) in ENDED

    def ended_at(self) -> float:
        """When it ends or was stopped; infinity for one that is stuck."""
        return self.ends_at if self.stopped_at is None else min(self.stopped_at, self.ends_at)

    def progress(self, now: float) -> int:
        """Percent, as the provider shows it."""
        phase = self.phase(now)
        if phase is Phase.SUCCEEDED:
            return 100
        if "stuck" in self.fates:
            return int(self.fates["stuck"].number("at", 37)) if phase is Phase.RUNNING else 0
        whole = max(self.ends_at - self.queued_until, 0.001)
        share = min(max((min(now, self.ended_at()) - self.queued_until) / whole, 0.0), 0.99)
        if "backwards" in self.fates and share > 0.5:
            share = 1 - share
        return int(share * 100)

    def knows(self, now: float) -> bool:
        """False once the provider has deleted, forgotten or lost it."""
        if self.is_deleted or self.is_forgotten:
            return False
        vanish = self.fates.get("vanish")
        return vanish is None or now < self.accepted_at + vanish.number("seconds", 0)

    def has_output(self, now: float) -> bool:
        """True when a result can be seen: it succeeded, was not filtered, and no fault holds the output back."""
        if self.phase(now) is not Phase.SUCCEEDED or {"filtered", "text-only"} & self.fates.keys():
            return False
        missing = self.fates.get("no-output")
        return missing is None or now >= self.ends_at + missing.number("seconds", math.inf)

    def expires_at(self, default_s: float) -> float:
        fate = self.fates.get("expires")
        return self.ends_at + (fate.number("seconds", default_s) if fate else default_s)

    def stop(self, now: float) -> None:
        if self.stopped_at is None:
            self.stopped_at = now
