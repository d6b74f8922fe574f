"""A clip as base64 in the middle of a JSON answer, made while it is sent, so that size costs no memory."""

import base64
import json
from collections.abc import Iterator
from typing import Any

from starlette.responses import Response, StreamingResponse

from reelwork.simulator.film.clip import Clip

_SMALL_BYTES = 8_000_000


def answer_with_clip(body: dict[str, Any], placeholder: str, clip: Clip) -> Response:
    """`body` as JSON with the string `placeholder` replaced by the clip's base64; every occurrence of it."""
    parts = [part.encode() for part in json.dumps(body, separators=(",", ":")).split(placeholder)]
    encoded_bytes = (clip.length + 2) // 3 * 4
    length = sum(map(len, parts)) + encoded_bytes * (len(parts) - 1)
    if length <= _SMALL_BYTES:
        return Response(b"".join(_pieces(parts, clip)), media_type="application/json")
    headers = {"content-length": str(length)}
    return StreamingResponse(_pieces(parts, clip), media_type="application/json", headers=headers)


def _pieces(parts: list[bytes], clip: Clip) -> Iterator[bytes]:
    for number, part in enumerate(parts):
        if number:
            yield from _encoded(clip)
        yield part


def _encoded(clip: Clip) -> Iterator[bytes]:
    rest = b""
    for chunk in clip.chunks():
        rest += chunk
        whole = len(rest) // 3 * 3
        yield base64.b64encode(rest[:whole])
        rest = rest[whole:]
    yield base64.b64encode(rest)
