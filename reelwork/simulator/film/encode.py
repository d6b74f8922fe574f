"""Turns a shot into the bytes of an MP4 (H.264, AAC where it has sound, index in front) or of a still picture."""

import io
import tempfile
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
from PIL import Image

from reelwork.simulator.film.picture import Canvas, Plane, draw_luma, prepare_canvas, still
from reelwork.simulator.film.shot import Shot

_SAMPLE_RATE = 48_000
_AUDIO_FRAME = 1024
_TONE_HZ = 220.0
_SHEET_COLUMNS, _SHEET_ROWS = 5, 2


def render(shot: Shot) -> bytes:
    """Draw and encode the whole clip. Takes CPU for a while: call it in a thread."""
    with tempfile.TemporaryDirectory(prefix="reelwork-clip-") as folder:
        path = Path(folder) / "clip.mp4"
        with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
            _encode_into(container, shot)
        return path.read_bytes()


def thumbnail(shot: Shot) -> bytes:
    """One frame as WebP."""
    return _picture(still(prepare_canvas(shot), int(shot.seconds * shot.fps) // 2), "WEBP")


def spritesheet(shot: Shot) -> bytes:
    """Ten small frames side by side as JPEG."""
    canvas, count = prepare_canvas(shot), _SHEET_COLUMNS * _SHEET_ROWS
    width, height = max(shot.width // 4, 8), max(shot.height // 4, 8)
    sheet = Image.new("RGB", (width * _SHEET_COLUMNS, height * _SHEET_ROWS))
    for index in range(count):
        frame = still(canvas, int(shot.seconds * shot.fps) * index // count).resize((width, height))
        sheet.paste(frame, (index % _SHEET_COLUMNS * width, index // _SHEET_COLUMNS * height))
    return _picture(sheet, "JPEG")


def _picture(image: Image.Image, kind: str) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, quality=80)
    return buffer.getvalue()


def _encode_into(container: OutputContainer, shot: Shot) -> None:
    canvas = prepare_canvas(shot)
    stream = container.add_stream("libx264", rate=shot.fps)
    stream.width, stream.height, stream.pix_fmt = shot.width, shot.height, "yuv420p"
    stream.options = {"preset": "ultrafast", "crf": "30", "threads": "1"}
    sound = container.add_stream("aac", rate=_SAMPLE_RATE, layout="mono") if shot.audio else None
    for number in range(max(round(shot.seconds * shot.fps), 1)):
        _encode_frame(container, stream, canvas, number)
    container.mux(stream.encode())
    if sound is not None:
        _encode_tone(container, sound, shot.seconds)


def _encode_frame(container: OutputContainer, stream: VideoStream, canvas: Canvas, number: int) -> None:
    luma = draw_luma(canvas, number)
    frame = av.VideoFrame(canvas.shot.width, canvas.shot.height, "yuv420p")
    half = (canvas.shot.height // 2, canvas.shot.width // 2)
    colours = (np.full(half, value, dtype=np.uint8) for value in (canvas.blue, canvas.red))
    for plane, values in zip(frame.planes, (luma, *colours), strict=True):
        plane.update(_padded(values, plane.line_size))
    frame.pts = number
    container.mux(stream.encode(frame))


def _padded(values: Plane, line_size: int) -> bytes:
    if values.shape[1] == line_size:
        return values.tobytes()
    wide = np.zeros((values.shape[0], line_size), dtype=np.uint8)
    wide[:, : values.shape[1]] = values
    return wide.tobytes()


def _encode_tone(container: OutputContainer, stream: AudioStream, seconds: float) -> None:
    for start in range(0, int(seconds * _SAMPLE_RATE), _AUDIO_FRAME):
        times = (start + np.arange(_AUDIO_FRAME)) / _SAMPLE_RATE
        samples = (0.05 * np.sin(2 * np.pi * _TONE_HZ * times)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
        frame.sample_rate, frame.pts = _SAMPLE_RATE, start
        container.mux(stream.encode(frame))
    container.mux(stream.encode())
