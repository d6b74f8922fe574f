"""Google's Interactions API, as far as it makes videos: create, get, cancel, delete."""

import secrets
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reelwork.simulator.dialects.google_face import GoogleFace, timestamp
from reelwork.simulator.dialects.inline import answer_with_clip
from reelwork.simulator.dialects.omni_files import file_id_of, offer_file
from reelwork.simulator.dialects.omni_requests import read_interaction
from reelwork.simulator.faults.kinds import Endpoint
from reelwork.simulator.gate import Call, Gate
from reelwork.simulator.refusals import Refusal
from reelwork.simulator.videos import Phase, Video
from reelwork.simulator.world import World

_TOKENS_PER_SECOND = {360: 2_896, 720: 5_792, 1080: 8_688, 2160: 17_376}
_INLINE_LIMIT_BYTES = 4_000_000
_HERE = "__clip__"
_REFUSAL_TEXT = "I can't create that video, because it goes against our usage guidelines."


def omni_routes(world: World) -> list[Route]:
    """The routes under /v1 and /v1beta."""
    gate = Gate(world, GoogleFace("omni", takes_api_key=True))
    ways = [
        ("", "POST", gate.endpoint(Endpoint.SUBMIT, _create, read_interaction)),
        ("/{video_id}", "GET", gate.endpoint(Endpoint.POLL, _get, _read)),
        ("/{video_id}", "DELETE", gate.endpoint(Endpoint.DELETE, _delete, _read)),
        ("/{video_id}/cancel", "POST", gate.endpoint(Endpoint.CANCEL, _cancel, _read)),
    ]
    return [
        Route(f"/{version}/interactions{path}", endpoint, methods=[method])
        for version in ("v1", "v1beta")
        for path, method, endpoint in ways
    ]


async def _read(call: Call) -> None:
    call.video = call.world.find(call.request.path_params["video_id"], call.account)


async def _create(call: Call) -> Response:
    video = call.accept("v1_" + secrets.token_urlsafe(42))
    offer_file(call.world, video)
    assert call.wanted is not None
    if not call.wanted.echo["in_background"]:
        while not video.has_ended(call.world.clock.now()):
            await call.world.wires.pause(min(max(video.ends_at - call.world.clock.now(), 0.05), 1.0))
            if call.world.wires.closing.is_set():
                break
    return await _shown(call, video)


async def _get(call: Call) -> Response:
    video = _found(call)
    video.polls += 1
    return await _shown(call, video)


async def _cancel(call: Call) -> Response:
    video = _found(call)
    if video.has_ended(call.world.clock.now()):
        raise Refusal(400, "The interaction has already ended.", "failed_precondition", in_service=True)
    call.world.cancel(video)
    return await _shown(call, video)


async def _delete(call: Call) -> Response:
    call.world.delete(_found(call))
    return JSONResponse({})


def _found(call: Call) -> Video:
    if call.video is None:
        raise Refusal(400, "Invalid interaction name.", "invalid_request", in_service=True)
    return call.video


async def _shown(call: Call, video: Video) -> Response:
    now = call.world.clock.now()
    body = _interaction(call.world, video, now)
    if not video.has_output(now):
        return JSONResponse(body)
    block: dict[str, Any] = {"type": "video", "mime_type": "video/mp4"}
    clip = await call.world.clip(video) if video.wanted.inline else None
    if clip is None or clip.length > _INLINE_LIMIT_BYTES:
        block["uri"] = f"{str(call.request.base_url).rstrip('/')}/v1beta/files/{file_id_of(video)}"
    else:
        block["data"] = _HERE
    body["steps"].append({"type": "model_output", "content": [block]})
    return JSONResponse(body) if clip is None or "uri" in block else answer_with_clip(body, _HERE, clip)


def _interaction(world: World, video: Video, now: float) -> dict[str, Any]:
    skew, status = world.options.skew_s, interaction_status(video, now)
    changed_at = video.ended_at() if video.has_ended(now) else now
    body: dict[str, Any] = {
        "id": video.id,
        "object": "interaction",
        "model": video.wanted.model,
        "status": status,
        "created": timestamp(video.accepted_at + skew),
        "updated": timestamp(changed_at + skew),
        "labels": video.wanted.echo["labels"],
    }
    if status in ("completed", "failed"):
        body["steps"] = [{"type": "user_input", "content": _content(video.wanted.echo["input"])}]
    if status == "failed":
        body["errors"] = [interaction_error(video)]
    elif status == "completed" and {"filtered", "text-only", "moderate-later"} & video.fates.keys():
        body["steps"].append({"type": "model_output", "content": [{"type": "text", "text": _REFUSAL_TEXT}]})
        body["usage"] = _usage(video, 0)
    elif video.has_output(now):
        tokens = _TOKENS_PER_SECOND.get(min(video.wanted.width, video.wanted.height), 5_792)
        body["usage"] = _usage(video, int(tokens * video.wanted.seconds))
    return body


def interaction_status(video: Video, now: float) -> str:
    """The API's word for how the interaction stands; a refusal by content rules shows as completed."""
    phase = video.phase(now)
    if phase is Phase.SUCCEEDED or (phase is Phase.FAILED and "moderate-later" in video.fates):
        return "completed"
    if phase in (Phase.FAILED, Phase.CANCELLED):
        return str(phase)
    return video.fates["word"].text("status", "thinking") if "word" in video.fates else "in_progress"


def _content(given: Any) -> list[Any]:
    if isinstance(given, str):
        return [{"type": "text", "text": given}]
    return given if isinstance(given, list) else [given]


def interaction_error(video: Video) -> dict[str, str]:
    """Code and message of an interaction that failed."""
    fate = video.fates.get("fail") or video.fates.get("rpc") or video.fates.get("fail-as-500")
    assert fate is not None
    return {
        "code": fate.text("code", "internal_error"),
        "message": fate.text("message", "An internal error has occurred while generating the video."),
    }


def _usage(video: Video, tokens: int) -> dict[str, Any]:
    asked = len(video.wanted.prompt) // 4 + 1
    spent = [{"modality": "video", "tokens": tokens}] if tokens else [{"modality": "text", "tokens": 18}]
    output = tokens or 18
    return {
        "total_input_tokens": asked,
        "total_output_tokens": output,
        "output_tokens_by_modality": spent,
        "total_tokens": asked + output,
    }
