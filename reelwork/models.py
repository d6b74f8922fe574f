"""What the server says about videos, storyboards and the models that make them."""

from datetime import datetime
from typing import Any, Final

from pydantic import Field

from reelwork.models_base import Answer

ENDED: Final = frozenset({"completed", "failed", "cancelled"})


class Accepted(Answer):
    """The answer to a create. `cost_estimate_usd` is None where the price is not known; `adjusted` says what a
    successor model was given instead of what was asked for."""

    job_id: str
    status: str
    status_url: str | None = None
    prompt: str | None = None
    cost_estimate_usd: float | None = None
    provider: str | None = None
    model: str | None = None
    requested_model: str | None = None
    adjusted: Any = None


class Video(Answer):
    """One video as the server shows it now.

    `status` is queued, processing, completed, failed, cancelled or needs_review; `stage` the finer word. `progress` is
    the provider's own figure in percent, None where it gives none. `elapsed_time` is in seconds. `video_url` and
    `thumbnail_url` open without a key, for a limited time; each read mints fresh ones.
    """

    job_id: str
    status: str
    storyboard_id: str | None = None
    scene_id: str | None = None
    provider: str | None = None
    model: str | None = None
    requested_model: str | None = None
    prompt: str | None = None
    stage: str | None = None
    progress: int | float | None = None
    provider_job_id: str | None = None
    video_url: str | None = None
    thumbnail_url: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    attempts_made: int | None = None
    cost_usd: float | None = None
    cost_estimate_usd: float | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    elapsed_time: float | None = None
    simulated: bool | None = None

    @property
    def has_ended(self) -> bool:
        """Nothing more will happen to it by itself, ever."""
        return self.status in ENDED

    @property
    def is_settled(self) -> bool:
        """It has ended, or stands still until a person decides (needs_review)."""
        return self.has_ended or self.status == "needs_review"


class JobPage(Answer):
    """Some of the jobs, newest first; `next_cursor` asks for those after them, None at the end."""

    jobs: list[Video]
    next_cursor: str | None = None


class Storyboard(Answer):
    """All jobs of a storyboard, and how many of them stand where."""

    storyboard_id: str
    jobs: list[Video] = Field(default_factory=list)
    counts: dict[str, int] = Field(default_factory=dict)


class AcceptedStoryboard(Answer):
    """The answer to a storyboard's create: all its scenes, in the order they were sent."""

    jobs: list[Accepted]
    storyboard_id: str | None = None
    cost_estimate_usd: float | None = None


class Event(Answer):
    """One line of a job's timeline. What more the event carries is in `wire()`."""

    type: str
    at: datetime | None = None
    id: int | None = None


class Timeline(Answer):
    """What happened to a job, oldest first."""

    events: list[Event]
    job_id: str | None = None


class Cancelled(Answer):
    """The answer to a cancel: `cancelled` at once, or `processing` with `cancel_requested` while the server still
    learns what became of the submission."""

    job_id: str
    status: str
    cancel_requested: bool = False


class Deleted(Answer):
    """The answer to a delete: `deleted`, or as a cancel where the video had not ended."""

    job_id: str
    status: str
    cancel_requested: bool = False


class CatalogueModel(Answer):
    """A model the server knows. `reason` says why it is not callable; `price_per_second_usd` is one figure, or one by
    resolution, None where unknown. `retired_at` is the known end, `may_retire_from` the earliest possible one."""

    model: str
    provider: str | None = None
    kind: str | None = None
    aliases: list[str] = Field(default_factory=list)
    callable: bool = True
    reason: str | None = None
    price_per_second_usd: float | dict[str, float] | None = None
    seconds: Any = None
    sizes: list[str] | None = None
    resolutions: list[str] | None = None
    aspect_ratios: list[str] | None = None
    inputs: Any = None
    retired_at: str | None = None
    may_retire_from: str | None = None
    successor: str | None = None
    server: str | None = None

    @property
    def lowest_price(self) -> float | None:
        """US dollars a second at the cheapest resolution, None where unknown."""
        price = self.price_per_second_usd
        if isinstance(price, dict):
            return min(price.values(), default=None)
        return price


class Catalogue(Answer):
    """Every model the server knows, callable or not."""

    models: list[CatalogueModel]
