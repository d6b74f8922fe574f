"""What one clip shall look like; equal shots give the same bytes."""

import re
from dataclasses import dataclass, replace

from reelwork.simulator.faults.grammar import without_markers
from reelwork.simulator.options import Options
from reelwork.simulator.videos import Video

_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")
_LONGEST_SIDE = 3840


@dataclass(frozen=True, slots=True)
class Shot:
    """A clip to draw. `size_bytes` is what it is padded to, 0 for no padding."""

    caption: str
    width: int
    height: int
    seconds: float
    fps: int
    audio: bool
    size_bytes: int = 0

    @property
    def unpadded(self) -> "Shot":
        return replace(self, size_bytes=0)


def parse_size(text: str) -> tuple[int, int] | None:
    """Width and height out of `1280x720`; None where it is no size."""
    match = _SIZE.fullmatch(text.strip().lower())
    if not match:
        return None
    width, height = int(match[1]), int(match[2])
    return (width, height) if min(width, height) >= 16 and max(width, height) <= _LONGEST_SIDE else None


def shot_of(video: Video, options: Options, sample: int = 0) -> Shot:
    """The clip a video's result is, with whatever its fates distort."""
    wanted, fates = video.wanted, video.fates
    width, height = wanted.width, wanted.height
    if "wrong-size" in fates:
        width, height = parse_size(fates["wrong-size"].text("size", "")) or (width // 2, height // 2)
    seconds, fps = wanted.seconds, wanted.fps or options.fps
    if "wrong-length" in fates:
        seconds = fates["wrong-length"].number("seconds", seconds / 2)
    if "wrong-fps" in fates:
        fps = int(fates["wrong-fps"].number("fps", 15))
    caption = "" if options.lean else without_markers(wanted.prompt)[:400] + (f" (sample {sample})" if sample else "")
    return Shot(
        caption=caption,
        width=max(width - width % 2, 16),
        height=max(height - height % 2, 16),
        seconds=min(max(seconds, 0.2), 120.0),
        fps=min(max(fps, 1), 120),
        audio=wanted.audio and "silent" not in fates,
        size_bytes=int(fates["bytes"].number("size", 0)) if "bytes" in fates else options.payload_bytes,
    )
