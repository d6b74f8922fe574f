"""Videos of one kind are joined end to end without a frame lost."""

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from media.errors import CannotStitch
from media.inspector import Inspector

Render = Callable[..., Path]


def frames_of(path: Path) -> list[float]:
    """The time of each frame that decodes, in seconds."""
    with av.open(str(path)) as container:
        return [frame.time for frame in container.decode(video=0) if frame.time is not None]


@pytest.mark.parametrize("preset", ["ultrafast", "medium"])
async def test_joined_videos_play_one_after_the_other(
    inspector: Inspector, render: Render, tmp_path: Path, preset: str
) -> None:
    parts = [render(f"{number}.mp4", seconds=number, sound=True, preset=preset) for number in (1, 2, 3)]
    out = tmp_path / "joined.mp4"

    seconds = await inspector.stitch(parts, out)

    times = frames_of(out)
    assert seconds == pytest.approx(6, abs=0.5)
    assert len(times) == 6 * 12
    assert times == sorted(times)
    assert (await inspector.inspect(out)).video.has_audio


async def test_one_video_may_be_joined_with_nothing(inspector: Inspector, render: Render, tmp_path: Path) -> None:
    assert await inspector.stitch([render(seconds=1)], tmp_path / "joined.mp4") == pytest.approx(1, abs=0.2)


async def test_videos_that_differ_are_refused(inspector: Inspector, render: Render, tmp_path: Path) -> None:
    out = tmp_path / "joined.mp4"
    small, large = render("small.mp4", size=(128, 96)), render("large.mp4", size=(256, 96))
    silent, loud = render("silent.mp4"), render("loud.mp4", sound=True)

    for pair in ([small, large], [silent, loud], [loud, silent]):
        with pytest.raises(CannotStitch, match="differ"):
            await inspector.stitch(pair, out)


async def test_what_is_no_video_is_refused(inspector: Inspector, render: Render, tmp_path: Path) -> None:
    page = tmp_path / "page.mp4"
    page.write_text("<html>")

    with pytest.raises(CannotStitch, match="cannot be read"):
        await inspector.stitch([render(), page], tmp_path / "joined.mp4")
    with pytest.raises(CannotStitch, match="no video"):
        await inspector.stitch([], tmp_path / "joined.mp4")
