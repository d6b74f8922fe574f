"""What came back otherwise than asked: stored all the same, for it is paid for, and noted in the timeline."""

from typing import Any

from media.results import Probe

_SECONDS_OFF = 0.6
_FPS_OFF = 0.5


def differences(params: dict[str, Any], video: Probe) -> dict[str, str]:
    """By name, `asked -> got` for length (seconds), size (pixels) and frame rate; empty where all is as asked."""
    found: dict[str, str] = {}
    seconds, fps, size = params.get("seconds"), params.get("fps"), params.get("size")
    got_size = f"{video.width}x{video.height}"
    if seconds and video.duration_s and abs(float(seconds) - video.duration_s) > _SECONDS_OFF:
        found["seconds"] = f"{seconds} -> {video.duration_s:.1f}"
    if fps and video.fps and abs(float(fps) - video.fps) > _FPS_OFF:
        found["fps"] = f"{fps} -> {video.fps:.1f}"
    if size and size != got_size:
        found["size"] = f"{size} -> {got_size}"
    return found
