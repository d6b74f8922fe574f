"""Real videos, small enough to be rendered anew for each run, and an inspector that leaves no child behind."""

from collections.abc import AsyncIterator, Callable
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.video.frame import VideoFrame

from media.inspector import Inspector

Render = Callable[..., Path]
Paint = Callable[[int], int]
FPS = 12


@pytest.fixture
async def inspector() -> AsyncIterator[Inspector]:
    inspector = Inspector()
    yield inspector
    await inspector.close()


@pytest.fixture
def render(tmp_path: Path) -> Render:
    """Renders `seconds` of H.264 into a new file; `brightness` gives each frame's, by its number.

    Frames are stored in the order they are shown, except with a slower `preset`.
    """

    def render_to(
        name: str = "video.mp4",
        *,
        seconds: float = 2,
        size: tuple[int, int] = (128, 96),
        brightness: Paint = lambda _: 255,
        sound: bool = False,
        movflags: str = "+faststart",
        preset: str = "ultrafast",
    ) -> Path:
        path = tmp_path / name
        options = {"movflags": movflags} if movflags else {}
        with av.open(str(path), "w", format="mp4", options=options) as container:
            stream = container.add_stream("libx264", rate=FPS, options={"preset": preset})
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
            voice = container.add_stream("aac", rate=8000, layout="mono") if sound else None
            for number in range(round(seconds * FPS)):
                container.mux(stream.encode(_frame(size, number, brightness(number))))
            container.mux(stream.encode(None))
            if voice is not None:
                for number in range(round(seconds * 8000 / 1024)):
                    container.mux(voice.encode(_silence(number)))
                container.mux(voice.encode(None))
        return path

    return render_to


def _frame(size: tuple[int, int], number: int, brightness: int) -> VideoFrame:
    """A bright block that moves over a darker ground."""
    frame = VideoFrame(*size, "gray")
    plane = frame.planes[0]
    left = number * 4 % (size[0] // 2)
    ground, block = bytes([brightness // 3]), bytes([brightness])
    row = ground * left + block * (size[0] // 2) + ground * (plane.line_size - size[0] // 2 - left)
    plane.update(row * size[1])
    return frame


def _silence(number: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
    frame.planes[0].update(bytes(4096))
    frame.sample_rate, frame.pts, frame.time_base = 8000, number * 1024, Fraction(1, 8000)
    return frame
