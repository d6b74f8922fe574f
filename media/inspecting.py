"""Looking at one video: its figures, and proof that it plays. Runs in the child process only."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from media.boxes import check_boxes
from media.errors import NotAVideo
from media.faults import refused_as
from media.posters import first_good, write_webp

MOST_PIXELS = 8192 * 8192


def inspect(path: str, poster: str | None) -> dict[str, Any]:
    """The video's figures, and its poster if a path for one is given. Raises NotAVideo, else what passes by itself.

    Only MP4 is opened, whatever the name says: other formats of FFmpeg fetch what a file names, from disk or network.
    """
    check_boxes(path)
    with (
        refused_as(NotAVideo, "it cannot be opened as an MP4 video"),
        av.open(f"file:{path}", format="mp4") as container,
    ):
        stream = _picture_of(container)
        frames = _decoded(container, stream)
        first = _first_of(frames)
        video = _figures(container, stream, path)
        frame = first_good(chain([first], frames)) if poster else None
    return {"video": video, "poster": write_webp(frame, poster) if frame and poster else None}


def _picture_of(container: InputContainer) -> VideoStream:
    if not container.streams.video:
        raise NotAVideo("it has no picture")
    stream = container.streams.video[0]
    if not 0 < stream.width * stream.height <= MOST_PIXELS:
        raise NotAVideo("its picture is larger than 8192 x 8192 or has no size")
    stream.thread_type = "NONE"
    return stream


def _decoded(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    """The stream's frames up to the first that does not decode."""
    with suppress(NotAVideo), refused_as(NotAVideo, "it does not decode"):
        yield from container.decode(stream)


def _first_of(frames: Iterator[VideoFrame]) -> VideoFrame:
    first = next(frames, None)
    if first is None or first.is_corrupt:
        raise NotAVideo("its first frame cannot be decoded")
    return first


def _figures(container: InputContainer, stream: VideoStream, path: str) -> dict[str, Any]:
    return {
        "duration_s": _duration_s(container, stream),
        "width": stream.width,
        "height": stream.height,
        "fps": float(stream.average_rate) if stream.average_rate else None,
        "codec": stream.codec_context.codec.canonical_name,
        "has_audio": bool(container.streams.audio),
        "bytes": Path(path).stat().st_size,
    }


def _duration_s(container: InputContainer, stream: VideoStream) -> float:
    if stream.duration and stream.time_base:
        return round(float(stream.duration * stream.time_base), 3)
    return round((container.duration or 0) / 1_000_000, 3)
