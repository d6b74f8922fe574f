"""The state of things and the whole life of a video, as the dashboard shows them."""

from typing_extensions import TypedDict

from app.answers.operators import BudgetStanding
from app.answers.videos import TimelineLine, Video
from app.answers.words import Id, Moment, Usd


class Advice(TypedDict):
    """`level` is bad (work stands still or money is at stake), warn or note; `page` is where to act."""

    level: str
    text: str
    page: str | None


class WorkerFigures(TypedDict):
    id: Id
    host: str
    pid: int
    version: str
    startedAt: Moment | None
    heartbeatAgeSeconds: float
    inFlight: int
    capacity: int
    rssBytes: int | None
    draining: bool


class Overview(TypedDict):
    """`advice`: what is wrong, in words, and what to do."""

    advice: list[Advice]
    healthy: bool
    stages: dict[str, int]
    delayed: int
    oldestWaitingSeconds: float | None
    workers: list[WorkerFigures]
    spentTodayUsd: Usd
    budgetUsdPerDay: Usd | None
    budgets: list[BudgetStanding]
    paused: bool
    pauseReason: str | None


class EndsBucket(TypedDict):
    at: Moment | None
    completed: int
    failed: int
    cancelled: int
    medianSeconds: float | None


class Duration(TypedDict):
    """`slowSeconds`: one in twenty took longer."""

    completed: int
    failed: int
    cancelled: int
    perHour: float
    medianSeconds: float | None
    slowSeconds: float | None


class FailureReason(TypedDict):
    code: str | None
    jobs: int
    lastAt: Moment | None


class SpentDay(TypedDict):
    day: str
    usd: Usd


class History(TypedDict):
    span: str
    stepSeconds: float
    buckets: list[EndsBucket]
    took: Duration
    failures: list[FailureReason]
    spent: list[SpentDay]


class JobStanding(TypedDict):
    """Who has it, when it moves next, and what its file is like."""

    client: str
    clientId: Id
    laneId: Id
    baseUrl: str
    server: str | None
    laneHeld: str | None
    owner: Id | None
    ownerHost: str | None
    ownerSilentSeconds: float | None
    epoch: int
    attempt: int
    dueAt: Moment | None
    nextAt: Moment | None
    waitUntil: Moment | None
    reviewAt: Moment | None
    refusals: int
    pollMisses: int
    collectFailures: int
    discard: bool
    traceId: str | None
    catalogueVersion: str | None
    webhookUrl: str | None
    bytes: int | None
    sha256: str | None
    width: int | None
    height: int | None
    seconds: float | None
    fps: float | None


class SubmissionView(TypedDict):
    """One paid call: its intent, its answer, and what came of it."""

    id: Id
    attempt: int
    worker: Id | None
    label: str | None
    intentAt: Moment | None
    deadlineAt: Moment | None
    answeredAt: Moment | None
    endedAt: Moment | None
    outcome: str | None
    providerJobId: str | None
    inferred: bool
    counted: bool
    errorCode: str | None
    errorMessage: str | None


class LedgerLine(TypedDict):
    """`deltaUsd` is what it adds to its day."""

    attempt: int | None
    entry: str
    usd: Usd
    deltaUsd: Usd
    day: str
    note: str | None
    at: Moment | None


class PossibleAction(TypedDict):
    action: str
    costUsd: Usd


class JobPage(TypedDict):
    """A video with everything that is known of it, and what can be done now."""

    video: Video
    standing: JobStanding
    events: list[TimelineLine]
    submissions: list[SubmissionView]
    ledger: list[LedgerLine]
    actions: list[PossibleAction]


class StoryboardRow(TypedDict):
    storyboardId: str
    createdAt: Moment | None
    scenes: int
    completed: int
    unmade: int


class StoryboardRows(TypedDict):
    storyboards: list[StoryboardRow]


class Candidate(TypedDict):
    """A video that the provider shows and no row owns."""

    providerJobId: str
    status: str
    createdAt: Moment | None
    model: str | None
    prompt: str | None
    seconds: str | None
    size: str | None
    likeness: str


class LostSubmission(TypedDict):
    """`listed` is false where the provider cannot list, or did not answer, which `trouble` says."""

    intentAt: Moment | None
    deadlineAt: Moment | None
    label: str | None
    errorCode: str | None
    errorMessage: str | None
    cleanLooks: int
    costEstimateUsd: Usd
    listed: bool
    trouble: str | None
    candidates: list[Candidate]
