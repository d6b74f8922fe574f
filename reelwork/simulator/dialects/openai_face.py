"""OpenAI's way to show a video, to word an error and to name a caller."""

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from reelwork.simulator.refusals import Refusal
from reelwork.simulator.videos import Phase, Video
from reelwork.simulator.world import World

_TYPES = {429: "requests"}
_FAILURES = {
    "moderate-later": ("moderation_blocked", "Your request was blocked by our moderation system."),
    "filtered": ("moderation_blocked", "Your request was blocked by our moderation system."),
    "text-only": ("moderation_blocked", "Your request was blocked by our moderation system."),
    "fail": ("video_generation_failed", "Video generation failed due to an internal error."),
    "fail-as-500": ("internal_error", "CUDA out of memory."),
    "rpc": ("server_error", "The server had an error while processing your request."),
    "cancelled": ("cancelled", "The video was cancelled."),
}


class OpenAIFace:
    """Bearer keys; errors as {"error": {message, type, param, code}}."""

    dialect = "openai"

    def credential(self, request: Request) -> str:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    def refuse(self, refusal: Refusal) -> Response:
        kind = _TYPES.get(refusal.status, "invalid_request_error" if refusal.status < 500 else "server_error")
        if refusal.code == "insufficient_quota":
            kind = "insufficient_quota"
        error = {"message": refusal.message, "type": kind, "param": refusal.param, "code": refusal.code}
        body: Any = [{"error": error}] if refusal.as_array else {"error": error}
        return JSONResponse(body, refusal.status, headers={**request_id(), **refusal.headers})


def request_id() -> dict[str, str]:
    """The header by which a caller names one call to support."""
    return {"x-request-id": "req_" + secrets.token_hex(16)}


def video_object(video: Video, world: World) -> dict[str, Any]:
    """The Video as it is shown now."""
    now, skew = world.clock.now(), world.options.skew_s
    status = video_status(video, now)
    has_ended = video.has_ended(now)
    is_hidden = world.options.hide_prompts or "hidden-prompt" in video.fates
    return {
        "id": video.id,
        "object": "video",
        "created_at": int(video.accepted_at + skew),
        "status": status,
        "model": video.wanted.model,
        "progress": video.progress(now),
        "seconds": f"{video.wanted.seconds:g}",
        "size": video.wanted.size,
        "prompt": None if is_hidden else video.wanted.prompt,
        "completed_at": int(video.ended_at() + skew) if has_ended else None,
        "expires_at": int(video.expires_at(world.options.expiry_s) + skew) if status == "completed" else None,
        "error": _error(video) if has_ended and status != "completed" else None,
        "remixed_from_video_id": video.wanted.remixed_from,
    }


def video_status(video: Video, now: float) -> str:
    """OpenAI's four words, `cancelled` as some gateways say, or a word that no client knows."""
    phase = video.phase(now)
    if phase is Phase.RUNNING:
        return video.fates["word"].text("status", "processing") if "word" in video.fates else "in_progress"
    if phase is Phase.SUCCEEDED:
        return "failed" if {"filtered", "text-only"} & video.fates.keys() else "completed"
    return str(phase)


def _error(video: Video) -> dict[str, Any]:
    for name, (code, message) in _FAILURES.items():
        if name in video.fates:
            fate = video.fates[name]
            return {"code": fate.text("code", code), "message": fate.text("message", message)}
    return {"code": "cancelled", "message": "The video was cancelled."}
