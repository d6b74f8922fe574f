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
    """An operator's request was carried out; the rest of the answer is in `wire()`."""

    success: bool = True
    message: str | None = None


class Lane(Answer):
    """One provider account: its start rate a minute, its cap on videos in flight, its switches. 0 is no limit."""

    id: str
    kind: str | None = None
    base_url: str | None = None
    rate_per_minute: float | None = None
    max_in_flight: int | None = None
    requests_per_second: float | None = None
    paused: bool = False
    policy: str | None = None


class Lanes(Answer):
    """All lanes."""

    lanes: list[Lane]


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
