"""Sends a clip: whole or by Range, from memory or streamed, or spoilt as a fault wants it."""

import re
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response, StreamingResponse

from reelwork.simulator.faults.kinds import Fault, Stage
from reelwork.simulator.film.clip import Clip, shortened
from reelwork.simulator.gate import Call

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_DRIP_PIECE = 4096
_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
_WRONG: Mapping[str, tuple[bytes, str]] = {
    "html": (b"<!doctype html><title>Error</title><p>Something went wrong.</p>" * 40, "text/html"),
    "png": (_PNG, "video/mp4"),
    "json": (b'{"error":{"message":"not ready"}}', "application/json"),
    "random": (bytes(range(256)) * 400, "video/mp4"),
    "empty": (b"", "video/mp4"),
}


async def deliver(call: Call, clip: Clip, media_type: str = "video/mp4") -> Response:
    """The clip as the answer to this call, content faults applied."""
    drip: Fault | None = None
    for fault in call.faults:
        if fault.kind.stage is not Stage.CONTENT:
            continue
        match fault.name:
            case "redirect":
                return RedirectResponse(_elsewhere(call, fault.text("to", "other")), 302)
            case "wrong-content":
                body, wrong_type = _WRONG.get(fault.text("of", "html"), _WRONG["html"])
                return Response(body, media_type=wrong_type)
            case "truncated":
                clip = shortened(clip, fault.number("at", 0.5))
            case _:
                drip = fault
    return send_clip(clip, call.request.headers.get("range"), media_type, drip)


def send_clip(clip: Clip, wanted_range: str | None, media_type: str, drip: Fault | None = None) -> Response:
    """200 with the whole clip, 206 with the range asked for, or 416."""
    start, stop = 0, clip.length
    headers = {"accept-ranges": "bytes", "content-type": media_type}
    if wanted_range is not None:
        span = _span(wanted_range, clip.length)
        if span is None:
            return Response(status_code=416, headers={"content-range": f"bytes */{clip.length}"})
        start, stop = span
        headers["content-range"] = f"bytes {start}-{stop - 1}/{clip.length}"
    status = 200 if wanted_range is None else 206
    if clip.is_small and drip is None:
        return Response(clip.encoded[start:stop], status, headers)
    headers["content-length"] = str(stop - start)
    return StreamingResponse(_stream(clip, start, stop, drip), status, headers)


async def _stream(clip: Clip, start: int, stop: int, drip: Fault | None) -> AsyncIterator[bytes]:
    import asyncio

    for chunk in clip.chunks(start, stop):
        if drip is None:
            yield chunk
            continue
        pace = drip.number("bytes_per_s", 10_000)
        for at in range(0, len(chunk), _DRIP_PIECE):
            yield chunk[at : at + _DRIP_PIECE]
            await asyncio.sleep(_DRIP_PIECE / pace)


def _span(wanted: str, length: int) -> tuple[int, int] | None:
    match = _RANGE.fullmatch(wanted.strip())
    if not match or (not match[1] and not match[2]):
        return None
    if not match[1]:
        return max(length - int(match[2]), 0), length
    start = int(match[1])
    stop = min(int(match[2]) + 1, length) if match[2] else length
    return (start, stop) if start < stop else None


def _elsewhere(call: Call, to: str) -> str:
    if to not in ("other", "same"):
        return to
    assert call.video is not None
    base = call.world.media_url if to == "other" else str(call.request.base_url).rstrip("/")
    return f"{base}/_media/{quote(call.video.id, safe='')}.mp4"
