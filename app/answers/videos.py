"""Videos as callers of `/api` read them."""

from typing import Any, Literal

from typing_extensions import TypedDict

from app.answers.words import Id, Moment, Provider, Stage, Status, Usd


class Accepted(TypedDict):
    """A create that is in the database."""

    jobId: Id
    status: Literal["queued"]
    statusUrl: str
    prompt: str
    costEstimateUsd: Usd
    provider: Provider
    model: str
    requestedModel: str
    adjusted: dict[str, Any] | None


class Video(TypedDict):
    """Where a video stands. `progress` is the provider's own figure; links are minted for this answer."""

    jobId: Id
    storyboardId: str | None
    sceneId: str | None
    provider: Provider
    model: str
    requestedModel: str
    adjusted: dict[str, Any] | None
    prompt: str
    params: dict[str, Any]
    metadata: dict[str, Any] | None
    endUserId: str | None
    status: Status
    stage: Stage
    progress: int | None
    priority: int
    providerJobId: str | None
    videoUrl: str | None
    thumbnailUrl: str | None
    errorCode: str | None
    errorMessage: str | None
    attemptsMade: int
    costUsd: Usd | None
    costEstimateUsd: Usd
    createdAt: Moment | None
    runAt: Moment | None
    expiresAt: Moment | None
    startedAt: Moment | None
    completedAt: Moment | None
    elapsedTime: float
    cancelRequested: bool
    simulated: bool


class ReviewedVideo(Video):
    """A video that waits for a decision, since `reviewAt`."""

    reviewAt: Moment | None


class VideoPage(TypedDict):
    """`nextCursor` goes into `after` for the next page; null on the last one."""

    jobs: list[Video]
    nextCursor: str | None


class ReviewList(TypedDict):
    jobs: list[ReviewedVideo]


class TimelineLine(TypedDict):
    id: int
    at: Moment | None
    type: str
    stage: Stage | None
    attempt: int | None
    worker: Id | None
    data: dict[str, Any]


class Timeline(TypedDict):
    """Oldest first."""

    jobId: Id
    events: list[TimelineLine]


class Prioritised(TypedDict):
    jobId: Id
    priority: int


class Ended(TypedDict):
    """`deleted`: the row and its files are gone."""

    jobId: Id
    status: Literal["cancelled", "deleted"]


class CancelAsked(TypedDict):
    """It ends as soon as the outcome of its submission is known."""

    jobId: Id
    status: Literal["processing"]
    cancelRequested: Literal[True]


class Counts(TypedDict):
    queued: int
    processing: int
    completed: int
    failed: int
    cancelled: int
    needs_review: int
    total: int


class Storyboard(TypedDict):
    """Its videos in the order in which they were accepted."""

    storyboardId: str
    counts: Counts
    jobs: list[Video]


class StoryboardAccepted(TypedDict):
    """In the order sent."""

    storyboardId: str
    jobs: list[Accepted]
    costEstimateUsd: Usd


class Span(TypedDict):
    min: int
    max: int


class ModelOffer(TypedDict):
    """`reason` says why the server's own account cannot call it; null where it can. Prices are one figure, or one by
    resolution."""

    kind: str
    provider: Provider
    model: str
    aliases: list[str]
    server: str | None
    callable: bool
    reason: str | None
    pricePerSecondUsd: float | dict[str, float] | None
    seconds: list[int] | Span
    defaultSeconds: int
    sizes: list[str]
    anySize: bool
    resolutions: list[str]
    aspectRatios: list[str]
    audio: Any
    inputs: dict[str, int]
    negativePrompt: bool
    seed: bool
    retiredAt: str | None
    mayRetireFrom: str | None
    successor: str | None


class ModelOffers(TypedDict):
    models: list[ModelOffer]


class EventToken(TypedDict):
    """For the query string of an event stream; `expiresAt` is in Unix seconds."""

    token: str
    url: str
    expiresAt: int
