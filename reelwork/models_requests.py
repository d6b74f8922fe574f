"""What callers ask for. Only spelling is checked here: what a model can do, the server says, and names it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, TypedDict

from pydantic import field_validator

from reelwork.models_base import Body


class Scene(Body):
    """A scene in parts, from which the server composes the prompt."""

    description: str
    title: str | None = None
    action: str | None = None
    setting: str | None = None
    camera: str | None = None
    lighting: str | None = None
    mood: str | None = None
    dialogue: str | None = None


class Character(Body):
    """Somebody who appears in a scene; a name or a description is needed."""

    name: str | None = None
    description: str | None = None
    wardrobe: str | None = None
    voice: str | None = None


class Input(Body):
    """An image the model starts from, ends at or looks to; `url` is https: or data:."""

    role: Literal["first_frame", "last_frame", "reference"]
    url: str


class Wishes(Body):
    """What may be asked of a video beside its scene; a storyboard's defaults are of this shape.

    `seconds` is the length (`duration` means the same), `size` like 1280x720, `priority` 0 (first) to 4, 2 if unset;
    `run_at` and `expires_at` say when it may start at the earliest and at the latest, in local time where no zone is
    given. `prompt` is sent as it is,
    instead of one composed from the scene. `job_id` is a UUID of the caller's own.
    """

    storyboard_id: str | None = None
    scene_id: str | None = None
    job_id: str | None = None
    provider: str | None = None
    model: str | None = None
    character: Character | list[Character] | None = None
    preset_key: str | None = None
    prompt: str | None = None
    negative_prompt: str | None = None
    seconds: float | None = None
    duration: float | None = None
    size: str | None = None
    resolution: str | None = None
    aspect_ratio: str | None = None
    fps: int | None = None
    audio: bool | None = None
    seed: int | None = None
    inputs: list[Input] | None = None
    priority: int | None = None
    run_at: datetime | None = None
    expires_at: datetime | None = None
    webhook_url: str | None = None
    metadata: dict[str, Any] | None = None

    @field_validator("run_at", "expires_at")
    @classmethod
    def _with_zone(cls, moment: datetime | None) -> datetime | None:
        return moment.astimezone() if moment is not None and moment.tzinfo is None else moment


class VideoRequest(Wishes):
    """One video: its scene, in words or in parts (or a `prompt` instead), and what else is wished."""

    scene: str | Scene | None = None


class Options(TypedDict, total=False):
    """The members of a VideoRequest that `generate` takes by name."""

    storyboard_id: str
    scene_id: str
    job_id: str
    provider: str
    model: str
    character: Character | list[Character] | Mapping[str, Any] | list[Mapping[str, Any]]
    preset_key: str
    prompt: str
    negative_prompt: str
    seconds: float
    size: str
    resolution: str
    aspect_ratio: str
    fps: int
    audio: bool
    seed: int
    inputs: list[Input] | list[Mapping[str, Any]]
    priority: int
    run_at: datetime
    expires_at: datetime
    webhook_url: str
    metadata: dict[str, Any]
