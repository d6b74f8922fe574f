"""OpenAI's Videos API: /v1/videos and /v1/models."""

import itertools
import secrets

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reelwork.simulator.dialects.openai_face import OpenAIFace, request_id, video_object, video_status
from reelwork.simulator.dialects.openai_requests import read_create, read_derived
from reelwork.simulator.faults.kinds import Endpoint
from reelwork.simulator.film.clip import Clip
from reelwork.simulator.film.shot import shot_of
from reelwork.simulator.gate import Call, Gate
from reelwork.simulator.refusals import Refusal
from reelwork.simulator.transfer import deliver
from reelwork.simulator.videos import Video
from reelwork.simulator.world import World

_PAGE, _MOST_PER_PAGE = 20, 100
_MODELS = ("sora-2", "sora-2-pro", "sora-2-2025-10-06", "sora-2-2025-12-08", "sora-2-pro-2025-10-06")
_PICTURES = {"thumbnail": "image/webp", "spritesheet": "image/jpeg"}


def openai_routes(world: World) -> list[Route]:
    """All routes of the dialect."""
    gate = Gate(world, OpenAIFace())
    create = gate.endpoint(Endpoint.SUBMIT, _create, read_create)
    derive = gate.endpoint(Endpoint.SUBMIT, _create, read_derived)
    return [
        Route("/v1/videos", create, methods=["POST"]),
        Route("/v1/videos", gate.endpoint(Endpoint.LIST, _list), methods=["GET"]),
        Route("/v1/videos/edits", derive, methods=["POST"]),
        Route("/v1/videos/extensions", derive, methods=["POST"]),
        Route("/v1/videos/{video_id}/remix", derive, methods=["POST"]),
        Route("/v1/videos/{video_id}/content", gate.endpoint(Endpoint.CONTENT, _content, _read), methods=["GET"]),
        Route("/v1/videos/{video_id}", gate.endpoint(Endpoint.POLL, _retrieve, _read), methods=["GET"]),
        Route("/v1/videos/{video_id}", gate.endpoint(Endpoint.DELETE, _delete, _read), methods=["DELETE"]),
        Route("/v1/models", gate.endpoint(Endpoint.MODELS, _models), methods=["GET"]),
        Route("/v1/models/{model}", gate.endpoint(Endpoint.MODELS, _model), methods=["GET"]),
    ]


async def _read(call: Call) -> None:
    call.video = call.world.find(call.request.path_params["video_id"], call.account)


async def _create(call: Call) -> Response:
    video = call.accept("video_" + secrets.token_hex(24))
    return _answer(call, video_object(video, call.world))


async def _retrieve(call: Call) -> Response:
    video = _found(call)
    assert call.video is not None
    call.video.polls += 1
    if video["status"] == "failed" and "fail-as-500" in call.video.fates:
        return _answer(call, video, int(call.video.fates["fail-as-500"].number("status", 500)))
    return _answer(call, video)


async def _list(call: Call) -> Response:
    query = call.request.query_params
    limit = _limit(query.get("limit"))
    shelf = call.world.shelf(call.account, call.face.dialect)
    ordered = reversed(list(shelf)) if query.get("order") == "asc" else shelf
    after = call.world.videos.get(query.get("after", ""))
    if "after" in query and after is None:
        raise Refusal(400, f"No video found with id '{query['after']}'.", "invalid_value", "after")
    rest = (video for video in ordered if after is None or _comes_after(video, after, query.get("order")))
    page = list(itertools.islice(rest, limit + 1))
    data = [video_object(video, call.world) for video in page[:limit]]
    ends = {"first_id": data[0]["id"], "last_id": data[-1]["id"]} if data else {"first_id": None, "last_id": None}
    return _answer(call, {"object": "list", "data": data, **ends, "has_more": len(page) > limit})


async def _content(call: Call) -> Response:
    _found(call)
    video, options, now = call.video, call.world.options, call.world.clock.now()
    assert video is not None
    if video_status(video, now) == "failed":
        raise Refusal(422, "The video generation failed; there is no content.", "video_failed")
    processing = video.fates.get("file-processing")
    is_late = processing is not None and now < video.ends_at + processing.number("seconds", 5)
    if not video.has_output(now) or is_late:
        raise Refusal(404, "Video is not ready yet, use GET /v1/videos/{video_id} to check status.", "video_not_ready")
    if now >= video.expires_at(options.expiry_s):
        raise Refusal(options.expired_status, "The video content has expired.", "video_expired")
    variant = call.request.query_params.get("variant", "video")
    if variant in _PICTURES:
        picture = await call.world.studio.picture(variant, shot_of(video, options))
        return await deliver(call, Clip(picture, len(picture)), _PICTURES[variant])
    if variant != "video":
        raise Refusal(400, f"Invalid value: '{variant}'.", "invalid_value", "variant")
    return await deliver(call, await call.world.clip(video))


async def _delete(call: Call) -> Response:
    _found(call)
    assert call.video is not None
    if not call.video.has_ended(call.world.clock.now()) and not call.world.options.delete_aborts:
        raise Refusal(409, "Only completed or failed videos can be deleted.", "video_in_progress")
    call.world.delete(call.video)
    return _answer(call, {"id": call.video.id, "object": "video.deleted", "deleted": True})


async def _models(call: Call) -> Response:
    names = [name for name in _MODELS if name not in call.world.options.retired_models]
    return _answer(call, {"object": "list", "data": [_model_object(name) for name in names]})


async def _model(call: Call) -> Response:
    name = call.request.path_params["model"]
    if name not in _MODELS or name in call.world.options.retired_models:
        raise Refusal(404, f"The model '{name}' does not exist.", "model_not_found", "model")
    return _answer(call, _model_object(name))


def _model_object(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": 1_759_708_800, "owned_by": "simulator"}


def _found(call: Call) -> dict[str, object]:
    if call.video is None:
        named = call.request.path_params["video_id"]
        raise Refusal(404, f"Video with id '{named}' not found.", "video_not_found")
    return video_object(call.video, call.world)


def _comes_after(video: Video, cursor: Video, order: str | None) -> bool:
    return video.serial > cursor.serial if order == "asc" else video.serial < cursor.serial


def _limit(text: str | None) -> int:
    if text is None:
        return _PAGE
    if not text.isdigit() or not 1 <= int(text) <= _MOST_PER_PAGE:
        raise Refusal(400, f"Invalid 'limit': '{text}'. Expected 1 to {_MOST_PER_PAGE}.", "invalid_value", "limit")
    return int(text)


def _answer(call: Call, body: dict[str, object], status: int = 200) -> Response:
    headers = {**request_id(), "openai-version": "2020-10-01"}
    if call.endpoint is Endpoint.POLL:
        headers["openai-poll-after-ms"] = str(call.world.options.poll_after_ms)
    return JSONResponse(body, status, headers)
