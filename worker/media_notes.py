"""What came back otherwise than asked: stored all the same, for it is paid for, and noted in the timeline."""

from typing import Any

from media import Inspection

_SECONDS_OFF = 0.6
_FPS_OFF = 0.5


def differences(params: dict[str, Any], inspection: Inspection) -> dict[str, str]:
    """By name, `asked -> got` for length (seconds), size (pixels) and frame rate; empty where all is as asked."""
    found: dict[str, str] = {}
    seconds, fps, size = params.get("seconds"), params.get("fps"), params.get("size")
    got_size = f"{inspection.width}x{inspection.height}"
    if seconds and inspection.duration_s and abs(float(seconds) - inspection.duration_s) > _SECONDS_OFF:
        found["seconds"] = f"{seconds} -> {inspection.duration_s:.1f}"
    if fps and inspection.fps and abs(float(fps) - inspection.fps) > _FPS_OFF:
        found["fps"] = f"{fps} -> {inspection.fps:.1f}"
    if size and size != got_size:
        found["size"] = f"{size} -> {got_size}"
    return found
