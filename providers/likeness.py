"""Whether a listed video shows a request of ours."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from providers.base import RemoteVideo

_CUT_PROMPT = 20


class Likeness(Enum):
    """How a listed video compares with a request. HIDDEN: the listing does not say enough to tell."""

    SAME = "same"
    OTHER = "other"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a submission asked for, as far as a listing may repeat it."""

    prompt: str
    model: str
    params: dict[str, Any]


def likeness(video: RemoteVideo, asked: Asked) -> Likeness:
    """Whether the listing shows this request."""
    seconds, size = asked.params.get("seconds"), asked.params.get("size")
    if (
        video.model not in (None, asked.model)
        or (video.size is not None and size not in (None, video.size))
        or (video.seconds is not None and seconds is not None and _number(video.seconds) != float(seconds))
    ):
        return Likeness.OTHER
    if video.created_at is None or video.prompt is None:
        return Likeness.HIDDEN
    shown, sent = video.prompt.strip(), asked.prompt.strip()
    if shown == sent:
        return Likeness.SAME
    beginning = shown.rstrip("….")
    return Likeness.HIDDEN if len(beginning) >= _CUT_PROMPT and sent.startswith(beginning) else Likeness.OTHER


def _number(text: str) -> float | None:
    try:
        return float(text.removesuffix("s"))
    except ValueError:
        return None
