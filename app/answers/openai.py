"""What `/v1` answers: OpenAI's objects, and beside them what Reelwork knows in the same spelling."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from app.answers.words import Provider, Usd


class OpenAIVideoError(TypedDict):
    code: str
    message: str


class OpenAIVideo(TypedDict):
    """Times are Unix seconds."""

    id: str
    object: Literal["video"]
    created_at: int | None
    status: Literal["queued", "in_progress", "completed", "failed"]
    model: str
    progress: int
    seconds: str
    size: str | None
    prompt: str
    completed_at: int | None
    expires_at: int | None
    error: OpenAIVideoError | None
    remixed_from_video_id: None
    provider: Provider
    requested_model: str
    adjusted: dict[str, Any] | None
    metadata: dict[str, Any] | None
    cost_estimate_usd: Usd
    cost_usd: Usd | None
    simulated: bool


class OpenAIVideoPage(TypedDict):
    object: Literal["list"]
    data: list[OpenAIVideo]
    first_id: str | None
    last_id: str | None
    has_more: bool


class OpenAIVideoDeleted(TypedDict):
    """`deleted` is false where the video had not ended and was cancelled instead."""

    id: str
    object: Literal["video.deleted"]
    deleted: bool
    status: NotRequired[Literal["failed", "in_progress"]]


class OpenAIModel(TypedDict):
    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class OpenAIModels(TypedDict):
    object: Literal["list"]
    data: list[OpenAIModel]


class OpenAIFile(TypedDict):
    """Times are Unix seconds."""

    id: str
    object: Literal["file"]
    bytes: int
    created_at: int
    expires_at: int
    filename: str
    purpose: str
    status: Literal["processed"]


class OpenAIFilePage(TypedDict):
    object: Literal["list"]
    data: list[OpenAIFile]
    first_id: str | None
    last_id: str | None
    has_more: bool


class OpenAIFileDeleted(TypedDict):
    id: str
    object: Literal["file"]
    deleted: Literal[True]
