"""Picture sizes: how `1280x720`, `720p` and `16:9` say the same thing, and which of a model's frames is meant."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from providers.models import Model, one_of
from providers.refusals import Problem

SIZE = re.compile(r"([1-9]\d{1,4})x([1-9]\d{1,4})")
SHORT_SIDES = {"4k": 2160}
LARGEST_SIDE = 8192


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture size in its three names; None where the server is left to choose."""

    size: str | None = None
    resolution: str | None = None
    aspect_ratio: str | None = None

    def __str__(self) -> str:
        return f"{self.aspect_ratio} {self.resolution}"


def frame_of_size(size: str) -> Frame:
    """The frame of a `WIDTHxHEIGHT`; ValueError where it is not one."""
    match = SIZE.fullmatch(size)
    if match is None or max(int(side) for side in match.groups()) > LARGEST_SIDE:
        raise ValueError(f"{size} is not a size such as 1280x720")
    width, height = int(match[1]), int(match[2])
    return Frame(size, _resolution_name(min(width, height)), _ratio_name(width, height))


def frame_of(resolution: str, aspect_ratio: str) -> Frame:
    """The frame of a resolution (`720p`, `4k`: its short side) and an aspect ratio; ValueError for other words."""
    short_side = SHORT_SIDES.get(resolution) or _number(resolution.removesuffix("p"))
    across, _, down = aspect_ratio.partition(":")
    ratio = _number(across) / _number(down)
    long_side = round(short_side * max(ratio, 1 / ratio) / 2) * 2
    size = f"{long_side}x{short_side}" if ratio >= 1 else f"{short_side}x{long_side}"
    return Frame(size, resolution, aspect_ratio)


def normal_size(size: str) -> str:
    """A size as callers may write it (`1280×720`, `1280X720`) in its usual form."""
    return size.strip().lower().replace("×", "x").replace("*", "x")


def normal_resolution(resolution: str) -> str:
    """A resolution as callers may write it (`720P`, `2160p`, `4K`) in its usual form."""
    name = resolution.strip().lower()
    return "4k" if name in ("2160p", "uhd") else name


def offered_frames(model: Model) -> tuple[Frame, ...]:
    """Every frame the model lists; empty where it takes any size."""
    by_size = tuple(frame_of_size(size) for size in model.sizes)
    by_resolution = tuple(
        frame_of(resolution, ratio) for resolution in model.resolutions for ratio in model.aspect_ratios
    )
    return by_size or by_resolution


def choose_frame(model: Model, wanted: Frame) -> tuple[Frame, list[Problem]]:
    """The model's frame that fits all that is wanted, its default where nothing is; else the problems, by name."""
    if model.any_size:
        return _free_frame(model, wanted)
    offered = offered_frames(model)
    fitting = [frame for frame in offered if _fits(frame, wanted)]
    if fitting:
        return min(fitting, key=lambda frame: _distance_from_default(model, frame)), []
    return wanted, _why_none_fits(model, offered, wanted)


def nearest_frame(model: Model, wanted: Frame) -> Frame:
    """The model's frame nearest to a wanted one in shape, then in height; for a successor of another make."""
    if model.any_size or not wanted.size or SIZE.fullmatch(wanted.size) is None:
        return wanted
    width, height = (int(side) for side in wanted.size.split("x"))

    def distance(frame: Frame) -> tuple[float, float]:
        across, down = (int(side) for side in (frame.size or "1x1").split("x"))
        shape = abs(math.log(across / down) - math.log(width / height))
        return round(shape, 2), abs(math.log(min(across, down)) - math.log(min(width, height)))

    return min(offered_frames(model), key=distance, default=wanted)


def _free_frame(model: Model, wanted: Frame) -> tuple[Frame, list[Problem]]:
    try:
        if wanted.size:
            frame = frame_of_size(wanted.size)
        elif wanted.resolution or wanted.aspect_ratio:
            frame = frame_of(wanted.resolution or "720p", wanted.aspect_ratio or "16:9")
        else:
            return (frame_of_size(model.default_size) if model.default_size else Frame()), []
    except (ValueError, ZeroDivisionError):
        return wanted, [Problem("size", "size must be WIDTHxHEIGHT, resolution such as 720p, aspectRatio such as 16:9")]
    return frame, [] if _fits(frame, wanted) else [_contradiction()]


def _fits(frame: Frame, wanted: Frame) -> bool:
    pairs = (
        (frame.size, wanted.size),
        (frame.resolution, wanted.resolution),
        (frame.aspect_ratio, wanted.aspect_ratio),
    )
    return all(asked is None or asked == has for has, asked in pairs)


def _distance_from_default(model: Model, frame: Frame) -> tuple[bool, bool, bool]:
    default = frame_of_size(model.default_size) if model.default_size else Frame()
    ratio = model.default_aspect_ratio or default.aspect_ratio
    resolution = model.default_resolution or default.resolution
    return frame.size != model.default_size, frame.aspect_ratio != ratio, frame.resolution != resolution


def _why_none_fits(model: Model, offered: Sequence[Frame], wanted: Frame) -> list[Problem]:
    choices = (
        ("size", wanted.size, [frame.size for frame in offered]),
        ("resolution", wanted.resolution, [frame.resolution for frame in offered]),
        ("aspectRatio", wanted.aspect_ratio, [frame.aspect_ratio for frame in offered]),
    )
    problems = []
    for path, asked, has in choices:
        if asked is not None and asked not in has:
            names = one_of(list(dict.fromkeys(name for name in has if name)))
            problems.append(Problem(path, f"{model.name} does not offer {path} {asked}; it offers {names}"))
    return problems or [_contradiction()]


def _contradiction() -> Problem:
    return Problem("size", "size, resolution and aspectRatio contradict each other")


def _resolution_name(short_side: int) -> str:
    return next((name for name, side in SHORT_SIDES.items() if side == short_side), f"{short_side}p")


def _ratio_name(width: int, height: int) -> str:
    divisor = math.gcd(width, height)
    return f"{width // divisor}:{height // divisor}"


def _number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= LARGEST_SIDE:
        raise ValueError(f"{text} is not a number of lines or a side of a ratio")
    return int(text)
