"""What the server says about itself: the queue, its lanes, its health."""

from datetime import datetime
from typing import Any

from pydantic import Field

from reelwork.models import Video
from reelwork.models_base import Answer


class QueueStats(Answer):
    """How many videos stand where. `delayed` are queued for later; `total` = waiting + active + delayed."""

    waiting: int = 0
    active: int = 0
    completed: int = 0
    failed: int = 0
    delayed: int = 0
    total: int = 0


class FailedRequest(Answer):
    """What was asked for in a request that failed."""

    job_id: str | None = None
    storyboard_id: str | None = None
    scene_id: str | None = None
    provider: str | None = None
    model: str | None = None
    prompt: str | None = None
    size: str | None = None
    resolution: str | None = None
    duration: float | None = None


class Failure(Answer):
    """A video that failed, and why. `timestamp` is as the server gives it."""

    id: str
    request: FailedRequest = Field(alias="data", default_factory=FailedRequest)
    failed_reason: str | None = None
    attempts_made: int | None = None
    timestamp: Any = None


class Queue(Answer):
    """The queue at a glance. `healthy` is False when work waits and nobody does it."""

    stats: QueueStats
    recent_failures: list[Failure] = Field(default_factory=list)
    healthy: bool = True
    needs_review: int = 0
    workers: Any = None
    oldest_waiting_seconds: float | None = None


class Failures(Answer):
    """Videos that failed, latest first."""

    failures: list[Failure] = Field(default_factory=list)


class Done(Answer):
    """It was done; what else the server says about it is in `wire()`."""

    message: str | None = None


class Retried(Answer):
    """The video goes on; `cost_estimate_usd` is 0 where that costs nothing."""

    success: bool = True
    message: str | None = None
    stage: str | None = None
    cost_estimate_usd: float | None = None


class Lane(Answer):
    """One provider account: its limits (0: none, None: the server's default), what is on it, what holds it back."""

    id: str
    kind: str | None = None
    provider: str | None = None
    base_url: str | None = None
    server: str | None = None
    rate_per_minute: int | None = None
    max_in_flight: int | None = None
    requests_per_second: int | None = None
    policy: str | None = None
    paused: bool = False
    pause_reason: str | None = None
    blocked_until: datetime | None = None
    blocked_reason: str | None = None
    breaker: str | None = None
    breaker_reason: str | None = None
    in_flight: int | None = None
    queued: int | None = None


class Lanes(Answer):
    """All lanes; `paused` says that an operator has stopped all spending."""

    lanes: list[Lane]
    paused: bool = False
    pause_reason: str | None = None


class Reviews(Answer):
    """Videos whose submission nobody can account for: a person decides about each."""

    jobs: list[Video] = Field(default_factory=list)


class LiveWorker(Answer):
    """A worker process that gives signs of life."""

    id: str
    host: str | None = None
    in_flight: int | None = None
    heartbeat_age_seconds: float | None = None
    version: str | None = None


class Health(Answer):
    """Whether work gets done. `redis` and `postgres` are connected or down; `error` says what is wrong."""

    healthy: bool
    redis: str | None = None
    postgres: str | None = None
    active_workers: bool | None = None
    workers: list[LiveWorker] = Field(default_factory=list)
    oldest_waiting_seconds: float | None = None
    timestamp: datetime | None = None
    error: str | None = None


class Alert(Answer):
    """Something that is wrong, or was until `ended_at`. `told` is the last message that all receivers have."""

    key: str
    text: str
    since: datetime | None = None
    ended_at: datetime | None = None
    told: str | None = None


class Alerts(Answer):
    """Open ones first. With no `receivers` nobody is told."""

    alerts: list[Alert] = Field(default_factory=list)
    receivers: int = 0


class SpendGroup(Answer):
    """A sum; what it is of stands in further members."""

    spent_usd: float = 0
    reserved_usd: float = 0
    attempts: int = 0

    @property
    def name(self) -> str:
        """What it is of, in words."""
        said = {**(self.model_extra or {}), "clientId": None, "laneId": None}
        return " ".join(str(value) for value in said.values() if value) or "-"


class BudgetStanding(Answer):
    """A budget as it stands: the installation's, a client's or a lane's."""

    budget: str
    id: str | None = None
    span: str = ""
    limit_usd: float = 0
    remaining_usd: float = 0

    @property
    def name(self) -> str:
        """Whose it is, and for when."""
        return " ".join(filter(None, (self.budget, self.id, self.span)))


class Spend(Answer):
    """What videos have cost."""

    groups: list[SpendGroup] = Field(default_factory=list)
    spent_usd: float = 0
    reserved_usd: float = 0
    budgets: list[BudgetStanding] = Field(default_factory=list)
