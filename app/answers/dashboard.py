"""What the dashboard and the command line read of the whole installation."""

from typing import Any, Literal

from typing_extensions import TypedDict

from app.answers.operators import BudgetStanding
from app.answers.words import Id, Moment, Provider, Stage, Status, Usd


class SignedIn(TypedDict):
    signedIn: Literal[True]
    client: str
    key: str | None
    scopes: list[str]
    mayOperate: bool
    mayAdminister: bool
    version: str


class NewSession(SignedIn):
    expiresAt: Moment | None


class NotSignedIn(TypedDict):
    signedIn: Literal[False]


class SignedOut(TypedDict):
    signedOut: Literal[True]


class JobRow(TypedDict):
    """A video in the list of all."""

    jobId: Id
    client: str
    storyboardId: str | None
    sceneId: str | None
    provider: Provider
    model: str
    prompt: str
    status: Status
    stage: Stage
    progress: int | None
    priority: int
    errorCode: str | None
    errorMessage: str | None
    attemptsMade: int
    costUsd: Usd | None
    costEstimateUsd: Usd
    createdAt: Moment | None
    startedAt: Moment | None
    completedAt: Moment | None
    hasPoster: bool
    simulated: bool
    cancelRequested: bool


class JobRows(TypedDict):
    jobs: list[JobRow]
    nextCursor: str | None


class ClientChoice(TypedDict):
    id: Id
    name: str


class ModelChoice(TypedDict):
    provider: Provider
    model: str


class Choices(TypedDict):
    clients: list[ClientChoice]
    models: list[ModelChoice]
    statuses: list[str]
    stages: list[str]


class Forecast(TypedDict):
    """What an action would do."""

    matched: int
    affected: int
    byStage: dict[str, int]
    paidRetries: int
    costUsd: Usd
    alreadyPaid: int
    alreadyPaidUsd: Usd
    bytes: int


class Refused(TypedDict):
    jobId: Id
    code: str
    message: str


class Piece(TypedDict):
    """`nextAfter` goes into `after` for the next piece; null when all is done."""

    done: list[Id]
    refused: list[Refused]
    refusedBy: dict[str, int]
    nextAfter: str | None


class AuditLineView(TypedDict):
    id: int
    at: Moment | None
    keyId: Id | None
    who: str
    action: str
    target: str | None
    data: Any


class AuditLines(TypedDict):
    lines: list[AuditLineView]
    nextBefore: int | None


class SpentBy(TypedDict, total=False):
    """The members that `by` names."""

    day: str | None
    month: str | None
    clientId: Id
    client: str | None
    laneId: Id
    provider: Provider | None
    keyLast4: str | None
    model: str | None


class SpendGroup(SpentBy):
    """With the members that `by` names."""

    spentUsd: Usd
    reservedUsd: Usd
    attempts: int


Spend = TypedDict(
    "Spend",
    {
        "from": str,
        "to": str,
        "groups": list[SpendGroup],
        "spentUsd": Usd,
        "reservedUsd": Usd,
        "budgets": list[BudgetStanding],
    },
)
"""By a call, since `from` is a word of Python's own."""
