"""The bodies this API accepts, member by member; what a model can do is judged later, against the catalogue."""

import json
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

from app.money import Dollars
from app.presets import PRESETS
from app.scopes import Scope
from app.when import When

PROMPT_CHARACTERS = 32_000
METADATA_CHARACTERS = 16_384
SCENES = 200
_Line = Annotated[str, Field(min_length=1, max_length=200)]
_Text = Annotated[str, Field(min_length=1, max_length=8_000)]
_NO_SLASH = r"[^/\x00-\x1f\x7f]*"
EndUser = Annotated[str, Field(max_length=200, pattern=rf"^{_NO_SLASH}[^/.\x00-\x1f\x7f]{_NO_SLASH}$")]
"""A client's own name for one of its users: what can be a segment of a path."""
_Url = Annotated[str, Field(min_length=1, max_length=2_000, pattern=r"^https?://[^\s]+$")]


class Body(BaseModel):
    """Camel case on the wire, and no member it does not know: a misspelt one would be paid for unheard."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )


class SceneBody(Body):
    description: Annotated[str, Field(max_length=PROMPT_CHARACTERS)] = ""
    title: _Line | None = None
    action: _Text | None = None
    setting: _Text | None = None
    camera: _Text | None = None
    lighting: _Text | None = None
    mood: _Text | None = None
    dialogue: _Text | None = None

    @model_validator(mode="after")
    def _says_something(self) -> "SceneBody":
        if not self.description.strip():
            raise ValueError("a scene needs a description")
        return self


class CharacterBody(Body):
    name: _Line | None = None
    description: _Text | None = None
    wardrobe: _Text | None = None
    voice: _Text | None = None

    @model_validator(mode="after")
    def _is_somebody(self) -> "CharacterBody":
        if not (self.name or self.description):
            raise ValueError("a character needs a name or a description")
        return self


class InputBody(Body):
    """An image by https: or data: URL, or one that was uploaded before."""

    role: Literal["first_frame", "last_frame", "reference"]
    url: Annotated[str, Field(min_length=1, pattern=r"^(https://|data:)")] | None = None
    file_id: Annotated[str, Field(pattern=r"^file-[0-9a-f]{32}$")] | None = None

    @model_validator(mode="after")
    def _is_one_image(self) -> "InputBody":
        if (self.url is None) == (self.file_id is None):
            raise ValueError("an input has a url or a fileId, and not both")
        return self


def _scene(value: object) -> object:
    return {"description": value} if isinstance(value, str) else value


def _listed(value: object) -> object:
    return [value] if isinstance(value, dict) else value


class WishBody(Body):
    """A video as either API asks for it; OpenAI's knows no storyboards."""

    storyboard_id: _Line | None = None
    scene_id: _Line | None = None
    job_id: UUID | None = None
    provider: _Line
    model: _Line | None = None
    prompt: Annotated[str, Field(max_length=PROMPT_CHARACTERS)] | None = None
    scene: Annotated[
        SceneBody | None,
        BeforeValidator(_scene, json_schema_input_type=SceneBody | str | None),
        Field(validate_default=True),
    ] = None
    character: Annotated[
        list[CharacterBody],
        BeforeValidator(_listed, json_schema_input_type=list[CharacterBody] | CharacterBody),
        Field(max_length=20),
    ] = []
    preset_key: _Line | None = None
    negative_prompt: Annotated[str, Field(max_length=PROMPT_CHARACTERS)] | None = None
    seconds: Annotated[float, Field(gt=0, le=3600)] | None = None
    duration: Annotated[float, Field(gt=0, le=3600)] | None = None
    size: Annotated[str, Field(pattern=r"^[1-9]\d{1,4}x[1-9]\d{1,4}$")] | None = None
    resolution: Annotated[str, Field(pattern=r"^\d{1,5}[pk]$")] | None = None
    aspect_ratio: Annotated[str, Field(pattern=r"^\d{1,3}:\d{1,3}$")] | None = None
    fps: Annotated[int, Field(ge=1, le=240)] | None = None
    audio: bool | None = None
    seed: Annotated[int, Field(ge=0, le=4_294_967_295)] | None = None
    inputs: Annotated[list[InputBody], Field(max_length=10)] = []
    priority: Annotated[int, Field(ge=0, le=4)] = 2
    run_at: When | None = None
    expires_at: When | None = None
    webhook_url: _Url | None = None
    end_user_id: EndUser | None = None
    metadata: dict[str, Any] | None = None

    @field_validator("preset_key")
    @classmethod
    def _known(cls, key: str | None) -> str | None:
        if key is not None and key not in PRESETS:
            raise ValueError(f"is not a preset; there are {', '.join(PRESETS)}")
        return key

    @field_validator("metadata")
    @classmethod
    def _small(cls, metadata: dict[str, Any] | None) -> dict[str, Any] | None:
        if metadata is not None and len(json.dumps(metadata)) > METADATA_CHARACTERS:
            raise ValueError(f"may have {METADATA_CHARACTERS} characters of JSON")
        return metadata

    @field_validator("prompt")
    @classmethod
    def _not_blank(cls, prompt: str | None) -> str | None:
        if prompt is not None and not prompt.strip():
            raise ValueError("must not be blank")
        return prompt

    @field_validator("scene")
    @classmethod
    def _given_somehow(cls, scene: SceneBody | None, others: ValidationInfo) -> SceneBody | None:
        if scene is None and not others.data.get("prompt"):
            raise ValueError("is required, unless prompt is given")
        return scene

    @field_validator("duration")
    @classmethod
    def _says_the_same(cls, duration: float | None, others: ValidationInfo) -> float | None:
        if duration is not None and others.data.get("seconds") not in (None, duration):
            raise ValueError("means the same as seconds, but they differ")
        return duration

    @field_validator("expires_at")
    @classmethod
    def _leaves_time(cls, expires_at: datetime | None, others: ValidationInfo) -> datetime | None:
        starts = others.data.get("run_at") or datetime.now(UTC)
        if expires_at is not None and expires_at <= max(starts, datetime.now(UTC)):
            raise ValueError("must lie in the future, and after runAt")
        return expires_at

    @property
    def length_s(self) -> float | None:
        """The length asked for in seconds, by either of its names."""
        return self.seconds if self.seconds is not None else self.duration


class VideoBody(WishBody):
    """POST /api/video/generate, and one scene of a storyboard with its defaults laid under it."""

    storyboard_id: _Line


class ImportBody(VideoBody):
    """A video that was submitted elsewhere; `job_id` makes a repeat harmless."""

    job_id: UUID
    provider_job_id: Annotated[str, Field(min_length=1, max_length=2_000)]


class PriorityBody(Body):
    priority: Annotated[int, Field(ge=0, le=4)]


class ResolveBody(Body):
    """An operator's decision about a job whose submission nobody can account for."""

    action: Literal["resubmit", "adopt", "fail"]
    provider_job_id: Annotated[str, Field(min_length=1, max_length=2_000)] | None = None
    note: Annotated[str, Field(max_length=2_000)] | None = None

    @model_validator(mode="after")
    def _names_what_to_adopt(self) -> "ResolveBody":
        if (self.action == "adopt") != (self.provider_job_id is not None):
            raise ValueError("providerJobId belongs to action adopt, and only to it")
        return self


def _named_members_only(schema: dict[str, Any]) -> None:
    schema["minProperties"] = 1
    for member in schema["properties"].values():
        member.pop("default", None)


class ChangeBody(Body):
    """Only the members that are sent change: there is no default for one that is not."""

    model_config = ConfigDict(json_schema_extra=_named_members_only)


class LaneBody(ChangeBody):
    """Only the members that are sent change; null gives a setting back to the environment, and takes a budget away."""

    rate_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    max_in_flight: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    requests_per_second: Annotated[int, Field(ge=1, le=1_000)] | None = None
    budget_usd_per_day: Dollars | None = None
    budget_usd_per_month: Dollars | None = None
    paused: bool = False
    policy: Literal["review", "resubmit"] | None = None


class ClientBody(Body):
    name: _Line
    weight: Annotated[float, Field(ge=0.01, le=1_000)] = 1.0


class KeyBody(Body):
    """`client` is the client's name."""

    client: _Line = "default"
    name: _Line
    scopes: Annotated[list[Scope], Field(min_length=1)]
    expires_at: When | None = None


class CredentialBody(Body):
    """A provider key to keep; `server` is one of OPENAI_VIDEOS_SERVERS."""

    provider: _Line
    key: SecretStr
    server: _Line | None = None


class AnyCredentialBody(CredentialBody):
    """For whom it is kept; the caller's own client where it says nothing."""

    client_id: UUID | None = None


class PauseBody(Body):
    reason: Annotated[str, Field(max_length=500)] | None = None
