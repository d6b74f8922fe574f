"""The picture that stands for a video. Runs in the child process only."""

import hashlib
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import av
from av.video.frame import VideoFrame

from media.errors import NotAnImage
from media.faults import refused_as

LONGEST_SIDE = 1280
QUALITY = 75

_MOST_FRAMES = 96
_MOST_CPU_S = 1.0
_DARK = 48
_FLAT = 12
_IMAGES = ((b"\x89PNG\r\n\x1a\n", "png_pipe"), (b"\xff\xd8\xff", "jpeg_pipe"), (b"RIFF", "webp_pipe"))


def first_good(frames: Iterable[VideoFrame]) -> VideoFrame | None:
    """The first frame that is neither dark nor of one colour; failing that the liveliest of the first few seconds.

    None where there is no frame at all.
    """
    best, most = None, -1
    until = time.process_time() + _MOST_CPU_S
    for count, frame in enumerate(frames, start=1):
        darkest, brightest = _brightness(frame)
        spread = brightest - darkest
        if brightest >= _DARK and spread >= _FLAT:
            return frame
        if spread > most:
            best, most = frame, spread
        if count >= _MOST_FRAMES or time.process_time() > until:
            break
    return best


def write_webp(frame: VideoFrame, path: str) -> dict[str, Any]:
    """Write the frame as WebP, at most 1280 on its longer side; its size, bytes and SHA-256. Raises av's errors."""
    width, height = _fitted(frame.width, frame.height)
    picture = frame.reformat(width, height, "yuv420p")
    picture.pts = None
    with av.open(f"file:{path}", "w", format="webp") as container:
        # Level 0 of 6: a tenth larger than level 4, at a sixth of its time.
        stream = container.add_stream("libwebp", options={"quality": str(QUALITY), "compression_level": "0"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    written = Path(path).read_bytes()
    sha256 = hashlib.sha256(written).hexdigest()
    return {"path": path, "width": width, "height": height, "bytes": len(written), "sha256": sha256}


def still(image: str, poster: str) -> dict[str, Any]:
    """Turn a PNG, JPEG or WebP file into a poster. Raises NotAnImage."""
    with Path(image).open("rb") as file:
        start = file.read(16)
    demuxer = next((name for signature, name in _IMAGES if start.startswith(signature)), None)
    if demuxer is None:
        raise NotAnImage("it is neither PNG nor JPEG nor WebP")
    with refused_as(NotAnImage, "it cannot be decoded"), av.open(f"file:{image}", format=demuxer) as container:
        frame = next(container.decode(video=0), None) if container.streams.video else None
    if frame is None:
        raise NotAnImage("it has no picture")
    return write_webp(frame, poster)


def _brightness(frame: VideoFrame) -> tuple[int, int]:
    """Darkest and brightest of the frame's areas, 0 to 255."""
    areas = frame.reformat(32, 32, "gray", interpolation="AREA")
    plane = areas.planes[0]
    luma = [value for row in range(32) for value in bytes(plane)[row * plane.line_size :][:32]]
    return min(luma), max(luma)


def _fitted(width: int, height: int) -> tuple[int, int]:
    scale = min(1.0, LONGEST_SIDE / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)
