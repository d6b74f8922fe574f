"""Settles a wanted video against its model before anything is written or spent: all problems at once, or a plan."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.base import InputRole
from providers.frames import Frame, choose_frame
from providers.models import Choice, Model, allows, described, one_of
from providers.refusals import CannotDo, Problem
from providers.successors import Adjustment
from providers.wanted import WantedVideo

LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be submitted and what it is estimated to cost.

    `estimate_micro_usd` is exact: seconds times the model's price. A `size`, `resolution` or `aspect_ratio` of None,
    and an `audio` of None, leave nothing to choose. `adjusted` says what a successor changed, by field.
    """

    model: Model
    requested_kind: str
    requested_model: str
    seconds: int
    estimate_micro_usd: int
    catalogue_version: str
    size: str | None = None
    resolution: str | None = None
    aspect_ratio: str | None = None
    fps: int | None = None
    audio: bool | None = None
    seed: int | None = None
    negative_prompt: str | None = None
    adjusted: Mapping[str, Adjustment] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settled:
    """The wanted values as the model takes them, with its defaults filled in."""

    frame: Frame
    seconds: int
    fps: int | None
    audio: bool | None
    price_micro_usd: int


def settle(model: Model, wanted: WantedVideo) -> Settled:
    """The model's reading of a wanted video; CannotDo with every problem by field where it cannot."""
    frame, problems = choose_frame(model, wanted.frame)
    seconds, wrong_length = _seconds(model, wanted, frame)
    price = model.price_per_second(frame.resolution)
    problems = [
        *problems,
        *wrong_length,
        *_input_problems(model, wanted.inputs),
        *_fps_problems(model, wanted.fps),
        *_audio_problems(model, wanted.audio),
        *_text_problems(model, wanted),
        *([] if problems or price is not None else [_no_price(model, frame)]),
    ]
    if problems or price is None:
        raise CannotDo(problems)
    return Settled(frame, seconds, wanted.fps, _audio(model, wanted.audio), price)


def _seconds(model: Model, wanted: WantedVideo, frame: Frame) -> tuple[int, list[Problem]]:
    choice, reason = _lengths(model, wanted, frame)
    asked = wanted.seconds
    if asked is None:
        if allows(choice, model.default_seconds):
            return model.default_seconds, []
        return (choice[-1] if isinstance(choice, tuple) else choice.max), []
    if asked == int(asked) and allows(choice, int(asked)):
        return int(asked), []
    offer = f"{model.name} does not make {asked:g} seconds{reason}; it makes {described(choice)}"
    return model.default_seconds, [Problem("seconds", offer)]


def _lengths(model: Model, wanted: WantedVideo, frame: Frame) -> tuple[Choice, str]:
    by_resolution = model.seconds_by_resolution.get(frame.resolution or "")
    if by_resolution is not None:
        return by_resolution, f" at {frame.resolution}"
    if InputRole.REFERENCE in wanted.inputs and model.seconds_with_reference is not None:
        return model.seconds_with_reference, " with reference images"
    return model.seconds, ""


def _input_problems(model: Model, roles: tuple[InputRole, ...]) -> list[Problem]:
    problems = []
    for index, role in enumerate(roles):
        most, nth = model.inputs.get(role, 0), roles[: index + 1].count(role)
        if most == 0:
            takes = one_of([known.value for known in model.inputs]) or "no input"
            problems.append(Problem(f"inputs.{index}.role", f"{model.name} takes no {role.value}; it takes {takes}"))
        elif nth > most:
            problems.append(Problem(f"inputs.{index}.role", f"{model.name} takes at most {most} {role.value}"))
    if InputRole.LAST_FRAME in roles and InputRole.FIRST_FRAME not in roles and model.inputs.get(InputRole.LAST_FRAME):
        problems.append(Problem("inputs", "a last_frame needs a first_frame"))
    if InputRole.REFERENCE in roles and len(set(roles)) > 1:
        problems.append(Problem("inputs", "reference images cannot be mixed with a first or last frame"))
    return problems


def _fps_problems(model: Model, fps: int | None) -> list[Problem]:
    if fps is None or allows(model.fps, fps):
        return []
    offer = f"it offers {described(model.fps)}" if model.fps else "it chooses its own frame rate"
    return [Problem("fps", f"{model.name} does not offer {fps} frames a second; {offer}")]


def _audio_problems(model: Model, audio: bool | None) -> list[Problem]:
    if audio is False and model.audio == "always":
        return [Problem("audio", f"{model.name} always makes sound")]
    if audio and model.audio == "never":
        return [Problem("audio", f"{model.name} makes no sound")]
    return []


def _text_problems(model: Model, wanted: WantedVideo) -> list[Problem]:
    problems = []
    if wanted.negative_prompt and not model.negative_prompt:
        problems.append(Problem("negativePrompt", f"{model.name} takes no negative prompt"))
    if wanted.seed is not None and not model.seed:
        problems.append(Problem("seed", f"{model.name} takes no seed"))
    if wanted.seed is not None and not 0 <= wanted.seed <= LARGEST_SEED:
        problems.append(Problem("seed", f"seed must be from 0 to {LARGEST_SEED}"))
    return problems


def _no_price(model: Model, frame: Frame) -> Problem:
    where = f" at {frame.resolution}" if frame.resolution else ""
    name = "OPENAI_MODELS, OPENAI_VIDEOS_SERVERS or REELWORK_CATALOGUE" if model.any_size else "REELWORK_CATALOGUE"
    path = "model" if not model.prices else "resolution"
    return Problem(path, f"the price of {model.name}{where} is not known; name one in {name}")


def _audio(model: Model, audio: bool | None) -> bool | None:
    if model.audio in ("always", "never"):
        return None
    return True if audio is None and model.audio == "optional" else audio
