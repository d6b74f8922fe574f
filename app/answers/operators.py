"""What operators read: the queue, reviews, provider accounts, clients, keys."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from app.answers.words import Id, Kind, Moment, Provider, Stage, Status, Usd


class QueueStats(TypedDict):
    """`total` is waiting, active and delayed."""

    waiting: int
    active: int
    completed: int
    failed: int
    delayed: int
    total: int


class FailedData(TypedDict):
    jobId: Id
    storyboardId: str | None
    sceneId: str | None
    provider: Provider
    model: str
    prompt: str
    size: Any
    resolution: Any
    duration: Any


class FailedJob(TypedDict):
    """A failed video in the shape of a queue's failed job."""

    id: Id
    data: FailedData
    failedReason: str | None
    attemptsMade: int
    timestamp: Moment | None


class BudgetStanding(TypedDict):
    """`id` is the client's or the lane's; `span` the day or the month (UTC)."""

    budget: Literal["installation", "client", "lane"]
    id: Id | None
    period: Literal["day", "month"]
    span: str
    limitUsd: Usd
    committedUsd: Usd
    remainingUsd: Usd
    nearlySpent: bool


class Queue(TypedDict):
    stats: QueueStats
    recentFailures: list[FailedJob]
    healthy: bool
    needsReview: int
    workers: int
    oldestWaitingSeconds: float | None
    budgetsNearlySpent: list[BudgetStanding]


class Failures(TypedDict):
    failures: list[FailedJob]


class Retried(TypedDict):
    """`costEstimateUsd` is 0 where the retry goes on with what is paid for."""

    success: Literal[True]
    message: str
    stage: Stage
    costEstimateUsd: Usd


class CleanedUp(TypedDict):
    success: Literal[True]
    message: str
    removed: int


class Resolved(TypedDict):
    jobId: Id
    status: Status
    stage: Stage


class Imported(Resolved):
    statusUrl: str


class Lane(TypedDict):
    """One provider account; a setting that is null is the environment's."""

    id: Id
    kind: Kind
    provider: Provider
    baseUrl: str
    server: str | None
    keyLast4: str | None
    ratePerMinute: int | None
    maxInFlight: int | None
    requestsPerSecond: int | None
    policy: str | None
    billing: str | None
    budgetUsdPerDay: Usd | None
    budgetUsdPerMonth: Usd | None
    paused: bool
    pauseReason: str | None
    blockedUntil: Moment | None
    blockedReason: str | None
    breaker: str
    breakerReason: str | None
    breakerUntil: Moment | None
    inFlight: int
    queued: int
    createdAt: Moment | None


class Lanes(TypedDict):
    lanes: list[Lane]
    paused: bool
    pauseReason: str | None


class Pause(TypedDict):
    paused: bool
    reason: str | None


class Client(TypedDict):
    id: Id
    name: str
    weight: float
    maxQueued: int | None
    budgetUsdPerDay: Usd | None
    budgetUsdPerMonth: Usd | None
    createdAt: Moment | None


class Clients(TypedDict):
    clients: list[Client]


class Key(TypedDict):
    id: Id
    clientId: Id
    name: str
    prefix: str
    scopes: list[str]
    createdAt: Moment | None
    expiresAt: Moment | None
    revokedAt: Moment | None
    lastUsedAt: Moment | None


class Keys(TypedDict):
    keys: list[Key]


class NewKey(Key):
    """`key` is shown this once."""

    key: str


class Replaced(TypedDict):
    id: Id
    expiresAt: Moment | None


class RotatedKey(NewKey):
    replaces: Replaced


class Revoked(TypedDict):
    id: Id
    status: Literal["revoked"]


class Credential(TypedDict):
    """A provider key, of which nothing comes out but its last four letters."""

    id: Id
    clientId: Id
    provider: Provider
    baseUrl: str
    laneId: Id
    source: str
    last4: str | None
    createdAt: Moment | None
    revokedAt: Moment | None


class Credentials(TypedDict):
    credentials: list[Credential]


class StoredCredential(Credential):
    """`checked`: the provider was asked and takes it; false where it did not answer."""

    checked: bool


class WorkerSeen(TypedDict):
    id: Id
    host: str
    inFlight: int
    heartbeatAgeSeconds: float
    version: str
    draining: bool


class WorkerHealth(TypedDict):
    """`error` says what is wrong, where something is."""

    healthy: bool
    redis: Literal["connected", "down"]
    postgres: Literal["connected", "down"]
    activeWorkers: bool
    workers: list[WorkerSeen]
    oldestWaitingSeconds: float | None
    budget: Literal["set", "none set"]
    timestamp: Moment | None
    error: NotRequired[str]


class Ready(TypedDict):
    ready: Literal[True]
    revision: str | None


class AlertLine(TypedDict):
    """`told` is the last message that all receivers have: start, end, or null before the first."""

    key: str
    text: str
    since: Moment | None
    endedAt: Moment | None
    told: str | None
    toldAt: Moment | None


class Alerts(TypedDict):
    alerts: list[AlertLine]
    receivers: int


class AlertTest(TypedDict):
    success: bool
    receivers: int
