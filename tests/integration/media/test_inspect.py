"""A video that plays is told from everything else, and its poster shows something."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from media.errors import MediaError, NotAnImage, NotAVideo
from media.inspector import Inspector

Render = Callable[..., Path]


def luma(path: Path) -> tuple[int, int]:
    """Darkest and brightest spot of a picture."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0)).reformat(16, 16, "gray")
    spots = bytes(frame.planes[0])
    return min(spots), max(spots)


async def test_a_video_tells_its_figures(inspector: Inspector, render: Render) -> None:
    path = render(seconds=2, size=(320, 180), sound=True)

    video = (await inspector.inspect(path)).video

    assert (video.width, video.height, video.fps, video.codec, video.has_audio) == (320, 180, 12.0, "h264", True)
    assert video.duration_s == pytest.approx(2, abs=0.15)
    assert video.bytes == path.stat().st_size


@pytest.mark.parametrize("movflags", ["", "+faststart", "+frag_keyframe+empty_moov", "+empty_moov+default_base_moof"])
async def test_the_length_is_right_wherever_the_index_lies(inspector: Inspector, render: Render, movflags: str) -> None:
    path = render(seconds=3, movflags=movflags)

    video = (await inspector.inspect(path)).video

    assert video.duration_s == pytest.approx(3, abs=0.15)
    assert not video.has_audio


async def test_a_poster_is_a_webp_of_the_first_frame_that_shows_something(
    inspector: Inspector, render: Render, tmp_path: Path
) -> None:
    path = render(seconds=4, brightness=lambda number: 0 if number < 20 else 255)

    poster = (await inspector.inspect(path, tmp_path / "poster.webp")).poster

    assert poster is not None
    content = poster.path.read_bytes()
    assert content.startswith(b"RIFF")
    assert content[8:12] == b"WEBP"
    assert (poster.width, poster.height, poster.bytes) == (128, 96, len(content))
    assert poster.sha256 == hashlib.sha256(content).hexdigest()
    assert luma(poster.path)[1] > 150


async def test_the_same_video_gives_the_same_poster(inspector: Inspector, render: Render, tmp_path: Path) -> None:
    path = render()

    posters = [(await inspector.inspect(path, tmp_path / name)).poster for name in ("one.webp", "two.webp")]

    assert len({poster.sha256 for poster in posters if poster}) == 1


async def test_a_video_that_stays_dark_still_gets_a_poster(
    inspector: Inspector, render: Render, tmp_path: Path
) -> None:
    path = render(seconds=2, brightness=lambda number: number)

    poster = (await inspector.inspect(path, tmp_path / "poster.webp")).poster

    assert poster is not None
    assert luma(poster.path)[1] > 10


async def test_a_large_picture_makes_a_poster_of_at_most_1280(
    inspector: Inspector, render: Render, tmp_path: Path
) -> None:
    path = render(seconds=0.25, size=(1080, 1920))

    poster = (await inspector.inspect(path, tmp_path / "poster.webp")).poster

    assert poster is not None
    assert (poster.width, poster.height) == (720, 1280)


async def test_a_video_cut_anywhere_is_refused(inspector: Inspector, render: Render, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"

    for movflags in ("", "+faststart"):
        whole = render(movflags=movflags).read_bytes()
        for share in (0.01, 0.3, 0.7, 0.999):
            cut.write_bytes(whole[: int(len(whole) * share)])
            with pytest.raises(NotAVideo):
                await inspector.inspect(cut)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"<html><body>502 Bad Gateway</body></html>", "HTML"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "PNG"),
        (b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/private\n", "playlist"),
        (b"\0\0\0\x0cftypisom" + b"\0\0\0\x10moov" + bytes(8), "cannot be opened"),
    ],
)
async def test_what_is_not_a_video_is_refused_with_its_reason(
    inspector: Inspector, tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "download.mp4"
    path.write_bytes(content)

    with pytest.raises(NotAVideo) as refusal:
        await inspector.inspect(path, tmp_path / "poster.webp")

    assert reason in refusal.value.reason
    assert not (tmp_path / "poster.webp").exists()


async def test_a_video_without_its_pictures_bytes_is_refused(inspector: Inspector, render: Render) -> None:
    path = render()
    whole = path.read_bytes()
    start = whole.index(b"mdat") + 4
    path.write_bytes(whole[:start] + bytes(len(whole) - start))

    with pytest.raises(NotAVideo, match="first frame"):
        await inspector.inspect(path)


async def test_sound_without_a_picture_is_refused(inspector: Inspector, tmp_path: Path) -> None:
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("aac", rate=8000, layout="mono")
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.planes[0].update(bytes(4096))
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))

    with pytest.raises(NotAVideo, match="no picture"):
        await inspector.inspect(path)


async def test_a_poster_that_cannot_be_written_is_not_the_videos_fault(
    inspector: Inspector, render: Render, tmp_path: Path
) -> None:
    with pytest.raises(MediaError) as failure:
        await inspector.inspect(render(), tmp_path / "no such folder" / "poster.webp")

    assert type(failure.value) is MediaError


async def test_a_file_that_is_gone_is_not_the_videos_fault(inspector: Inspector, tmp_path: Path) -> None:
    with pytest.raises(MediaError) as failure:
        await inspector.inspect(tmp_path / "gone.mp4")

    assert type(failure.value) is MediaError


@pytest.mark.parametrize(("codec", "pixels", "suffix"), [("png", "rgb24", "png"), ("mjpeg", "yuvj420p", "jpg")])
async def test_a_providers_picture_becomes_a_poster(
    inspector: Inspector, render: Render, tmp_path: Path, codec: str, pixels: str, suffix: str
) -> None:
    image = tmp_path / f"thumbnail.{suffix}"
    with av.open(str(render())) as source, av.open(str(image), "w", format="image2") as container:
        frame = next(source.decode(video=0)).reformat(format=pixels)
        stream = container.add_stream(codec, rate=1)
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, pixels
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))

    first = await inspector.still(image, tmp_path / "poster.webp")
    again = await inspector.still(first.path, tmp_path / "again.webp")

    assert (first.width, first.height) == (again.width, again.height) == (128, 96)


@pytest.mark.parametrize("content", [b"", b"<svg/>", b"\x89PNG\r\n\x1a\n broken", b"RIFF....WEBPVP8 "])
async def test_what_is_not_a_picture_is_refused(inspector: Inspector, tmp_path: Path, content: bytes) -> None:
    image = tmp_path / "thumbnail"
    image.write_bytes(content)

    with pytest.raises(NotAnImage):
        await inspector.still(image, tmp_path / "poster.webp")
