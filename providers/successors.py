"""Carries a request for one model over to the model that takes its place, and says what that changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from providers.frames import Frame, nearest_frame
from providers.models import Model, allows, largest_up_to
from providers.wanted import WantedVideo


@dataclass(frozen=True, slots=True)
class Successor:
    """Calls for `model` of `kind` go to `to_model` of `to_kind`; both kinds are long names.

    `rounds_down`: a length that the successor does not offer becomes its next shorter one instead of a refusal.
    """

    kind: str
    model: str
    to_kind: str
    to_model: str
    rounds_down: bool = False


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One value that the successor takes in another form."""

    before: str
    after: str


def carried_over(
    wanted: WantedVideo, old: Model | None, new: Model, rule: Successor
) -> tuple[WantedVideo, Mapping[str, Adjustment]]:
    """The request as the successor takes it, and what was adjusted by name.

    What the caller left out becomes what its own model would have made of it, where the successor offers that. A
    length that was asked for and is not offered stays as it is, to be refused by name, unless the rule rounds down.
    """
    frame, frame_change = _carried_frame(wanted, old, new)
    seconds, seconds_change = _carried_seconds(wanted, old, new, rule)
    moved = replace(
        wanted,
        kind=new.kind,
        model=new.name,
        server=new.server,
        seconds=seconds,
        size=None if new.resolutions else frame.size,
        resolution=frame.resolution,
        aspect_ratio=frame.aspect_ratio,
    )
    return moved, frame_change | seconds_change


def _carried_frame(wanted: WantedVideo, old: Model | None, new: Model) -> tuple[Frame, dict[str, Adjustment]]:
    asked = wanted.frame if old is None else wanted.frame_at(old)
    if asked.size is None:
        return asked, {}
    frame = nearest_frame(new, asked)
    after = str(frame) if new.resolutions else str(frame.size)
    return frame, {} if after == asked.size else {"size": Adjustment(asked.size, after)}


def _carried_seconds(
    wanted: WantedVideo, old: Model | None, new: Model, rule: Successor
) -> tuple[float | None, dict[str, Adjustment]]:
    if wanted.seconds is None:
        usual = old.default_seconds if old else None
        return (usual if usual is not None and allows(new.seconds, usual) else None), {}
    if allows(new.seconds, int(wanted.seconds)) or not rule.rounds_down:
        return wanted.seconds, {}
    shorter = largest_up_to(new.seconds, int(wanted.seconds))
    if shorter is None:
        return wanted.seconds, {}
    return shorter, {"seconds": Adjustment(f"{wanted.seconds:g}", str(shorter))}
