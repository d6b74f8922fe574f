"""A video as a caller asks for it, before any model has had its say."""

from dataclasses import dataclass

from providers.base import InputRole
from providers.frames import Frame, choose_frame, normal_resolution, normal_size
from providers.models import Model


@dataclass(frozen=True, slots=True)
class WantedVideo:
    """What the caller named; None is left to the model's own default. `kind` is a long or a short name.

    `model` may be an alias, or `server/model` for one of several servers that offer it. `inputs` are the roles of the
    media sent along, in the caller's order.
    """

    kind: str
    model: str | None = None
    server: str | None = None
    seconds: float | None = None
    size: str | None = None
    resolution: str | None = None
    aspect_ratio: str | None = None
    fps: int | None = None
    audio: bool | None = None
    seed: int | None = None
    negative_prompt: str | None = None
    inputs: tuple[InputRole, ...] = ()

    @property
    def frame(self) -> Frame:
        """The picture size asked for, in its usual spelling."""
        size = normal_size(self.size) if self.size else None
        resolution = normal_resolution(self.resolution) if self.resolution else None
        return Frame(size, resolution, self.aspect_ratio)

    def frame_at(self, model: Model) -> Frame:
        """The picture size that this model would have made; what was asked for where it cannot."""
        frame, problems = choose_frame(model, self.frame)
        return self.frame if problems else frame
