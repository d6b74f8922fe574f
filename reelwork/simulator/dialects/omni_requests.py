"""Reads what an interaction asks for, as strictly as the service does."""

import json
import re
from collections.abc import Mapping
from typing import Any

from reelwork.simulator.gate import Call
from reelwork.simulator.refusals import Refusal, retired_model
from reelwork.simulator.videos import Wanted

SIDES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080), "4k": (3840, 2160)}
_LONGEST_S = {"gemini-omni-1.1-flash": 10.0, "gemini-omni-1.2-flash": 15.0}
_RETIRED = frozenset({"gemini-omni-flash-preview"})
_SHORTEST_S, _USUAL_S = 3.0, 8.0
_DURATION = re.compile(r"(\d+(?:\.\d+)?)s")
_LABEL = re.compile(r"[a-z0-9_-]{0,63}")


async def read_interaction(call: Call) -> None:
    """A create; Refusal in the service's own shape where it is not acceptable."""
    body = await json_body(call)
    model = str(body.get("model") or "")
    if model in _RETIRED | call.world.options.retired_models:
        raise retired_model(model)
    if model not in _LONGEST_S:
        raise Refusal(404, f"models/{model} is not found for this API version.", "not_found", in_service=True)
    wanted_format = _video_format(body.get("response_format"))
    width, height = _sides(wanted_format)
    webhook = inner_object(body, "webhook_config")
    labels = _labels(inner_object(body, "labels"))
    call.wanted = Wanted(
        model=model,
        prompt=_prompt(body.get("input")),
        seconds=_seconds(wanted_format.get("duration"), _LONGEST_S[model]),
        width=width,
        height=height,
        label=labels.get("job") or next(iter(labels.values()), None),
        inline=wanted_format.get("delivery", "inline") == "inline",
        callbacks=_uris(webhook.get("uris")),
        metadata=inner_object(webhook, "user_metadata"),
        echo={
            "input": body.get("input"),
            "labels": labels,
            "format": wanted_format,
            "in_background": bool(body.get("background")),
        },
    )


async def json_body(call: Call) -> dict[str, Any]:
    """The request's JSON object; Refusal where it is none."""
    try:
        body = json.loads(await call.request.body())
    except ValueError:
        raise Refusal(400, "Invalid JSON payload received.", "invalid_request") from None
    if not isinstance(body, dict):
        raise Refusal(400, "Invalid JSON payload received: an object is expected.", "invalid_request")
    return body


def inner_object(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under `name`, empty where it is missing; Refusal where it is something else."""
    value = body.get(name) or {}
    if not isinstance(value, dict):
        raise Refusal(400, f"Invalid value at '{name}': an object is expected.", "invalid_request")
    return value


def _invalid(message: str) -> Refusal:
    return Refusal(400, message, "invalid_request", in_service=True)


def _video_format(given: Any) -> Mapping[str, Any]:
    formats = given if isinstance(given, list) else [given or {}]
    found = next((entry for entry in formats if isinstance(entry, dict) and entry.get("type") == "video"), None)
    if found is None:
        raise _invalid("response_format must hold an entry of type 'video'.")
    return found


def _sides(wanted: Mapping[str, Any]) -> tuple[int, int]:
    resolution, ratio = wanted.get("resolution", "720p"), wanted.get("aspect_ratio", "16:9")
    if resolution not in SIDES:
        raise _invalid(f"Unsupported resolution '{resolution}'. Supported: {', '.join(SIDES)}.")
    if ratio not in ("16:9", "9:16"):
        raise _invalid(f"Unsupported aspect_ratio '{ratio}'. Supported: 16:9, 9:16.")
    long, short = SIDES[resolution]
    return (long, short) if ratio == "16:9" else (short, long)


def _seconds(duration: Any, longest: float) -> float:
    if duration is None:
        return min(_USUAL_S, longest)
    match = _DURATION.fullmatch(duration) if isinstance(duration, str) else None
    if not match:
        raise _invalid(f"Invalid duration {duration!r}: a string such as '8s' is expected.")
    seconds = float(match[1])
    if not _SHORTEST_S <= seconds <= longest:
        raise _invalid(f"Unsupported duration '{duration}'. Supported: {_SHORTEST_S:g}s to {longest:g}s.")
    return seconds


def _uris(given: Any) -> tuple[str, ...]:
    if not isinstance(given or [], list):
        raise _invalid("webhook_config.uris must be a list.")
    return tuple(str(uri) for uri in given or [])


def _labels(labels: Mapping[str, Any]) -> dict[str, str]:
    for name, value in labels.items():
        if not _LABEL.fullmatch(str(name)) or not _LABEL.fullmatch(str(value)):
            raise _invalid(f"Invalid label '{name}': at most 63 of a-z, 0-9, '_' and '-'.")
    return {str(name): str(value) for name, value in labels.items()}


def _prompt(given: Any) -> str:
    if isinstance(given, str):
        text = given
    else:
        blocks = given if isinstance(given, list) else [given]
        text = " ".join(str(b.get("text", "")) for b in blocks if isinstance(b, dict) and b.get("type") == "text")
    if not text.strip():
        raise _invalid("input must hold a text.")
    return text
