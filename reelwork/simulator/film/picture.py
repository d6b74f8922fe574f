"""Draws frames: a moving gradient, the prompt on it and a running clock, so that a person tells clips apart."""

import hashlib
import textwrap
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from reelwork.simulator.film.shot import Shot

Plane = NDArray[np.uint8]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_WHITE, _PANEL, _DARKEST, _BRIGHTEST = 235, 30, 50, 170
_COLUMNS, _WRAP_AT, _MOST_LINES = 34, 54, 7


@dataclass(frozen=True, slots=True)
class Canvas:
    """What all frames of a shot share: the luma pattern (wider than the frame), the two colour values, the caption.

    The font belongs to one canvas, because FreeType's objects are not for several threads at once.
    """

    shot: Shot
    backdrop: Plane
    caption: Plane
    blue: int
    red: int
    text_height: int
    font: Font


def prepare_canvas(shot: Shot) -> Canvas:
    """Draw once what does not move."""
    digest = hashlib.sha256(shot.caption.encode()).digest()
    text_height = max(shot.width // _COLUMNS, 8)
    font = ImageFont.load_default(size=text_height)
    return Canvas(
        shot=shot,
        backdrop=_backdrop(shot.width, shot.height, digest[0]),
        caption=_caption(shot, text_height, font),
        blue=70 + digest[1] % 116,
        red=70 + digest[2] % 116,
        text_height=text_height,
        font=font,
    )


def draw_luma(canvas: Canvas, frame: int) -> Plane:
    """The brightness plane of frame number `frame`."""
    shot = canvas.shot
    shift = (frame * max(shot.width // 160, 1)) % shot.width
    luma = canvas.backdrop[:, shift : shift + shot.width].copy()
    if shot.caption:
        _blend(luma, canvas.caption, top=shot.height // 8)
    if shot.caption or frame == 0:
        _blend(luma, _clock_face(canvas, frame), top=shot.height - canvas.text_height * 3)
    done = int(shot.width * (frame + 1) / max(round(shot.seconds * shot.fps), 1))
    luma[-max(shot.height // 90, 2) :, :done] = _WHITE
    return luma


def still(canvas: Canvas, frame: int) -> Image.Image:
    """Frame number `frame` as an RGB picture, for thumbnails."""
    luma = draw_luma(canvas, frame)
    planes = [luma, np.full_like(luma, canvas.blue), np.full_like(luma, canvas.red)]
    return Image.merge("YCbCr", [Image.fromarray(plane) for plane in planes]).convert("RGB")


def _backdrop(width: int, height: int, turn: int) -> Plane:
    across = np.abs(np.linspace(-1, 1, width, dtype=np.float32))
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    slope = (turn % 7) / 7
    pattern = _DARKEST + (_BRIGHTEST - _DARKEST) * (across * (1 - slope / 2) + down * slope / 2)
    once: Plane = pattern.astype(np.uint8)
    return np.hstack([once, once])


def _caption(shot: Shot, text_height: int, font: Font) -> Plane:
    lines = textwrap.wrap(shot.caption, _WRAP_AT) or [""]
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1][: _WRAP_AT - 1] + "…"]
    height = int(text_height * 1.4 * len(lines)) + text_height
    return _written("\n".join(lines), (shot.width, height), text_height, font)


def _clock_face(canvas: Canvas, frame: int) -> Plane:
    shot = canvas.shot
    at_s = frame / shot.fps
    text = f"{int(at_s // 60):02d}:{at_s % 60:05.2f}   {shot.width}x{shot.height}   {shot.fps} fps"
    return _written(text, (shot.width, canvas.text_height * 2), canvas.text_height, canvas.font)


def _written(text: str, size: tuple[int, int], text_height: int, font: Font) -> Plane:
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).multiline_text((text_height, text_height // 2), text, fill=255, font=font)
    return np.asarray(mask, dtype=np.uint8)


def _blend(luma: Plane, mask: Plane, top: int) -> None:
    band = luma[top : top + mask.shape[0]]
    mask = mask[: band.shape[0]]
    band //= 2
    band += _PANEL // 2
    np.maximum(band, (mask.astype(np.uint16) * _WHITE // 255).astype(np.uint8), out=band)
