"""Google's Files API for generated videos: metadata, download, delete."""

import hashlib
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reelwork.simulator.dialects.google_face import GoogleFace, timestamp
from reelwork.simulator.faults.kinds import Endpoint
from reelwork.simulator.gate import Call, Gate
from reelwork.simulator.refusals import Refusal
from reelwork.simulator.transfer import deliver
from reelwork.simulator.videos import Video
from reelwork.simulator.world import World

_KEPT_S = 48 * 3600.0


def file_routes(world: World) -> list[Route]:
    """The routes under /v1 and /v1beta; `alt=media` and `:download` both send the bytes."""
    gate = Gate(world, GoogleFace("omni", takes_api_key=True))
    download = gate.endpoint(Endpoint.CONTENT, _download, _read)
    metadata = gate.endpoint(Endpoint.FILE, _metadata, _read)
    delete = gate.endpoint(Endpoint.DELETE, _delete, _read)

    async def get(request: Any) -> Response:
        return await (download if request.query_params.get("alt") == "media" else metadata)(request)

    routes = []
    for version in ("v1", "v1beta", "download/v1", "download/v1beta"):
        routes += [
            Route(f"/{version}/files/{{file_id}}:download", download, methods=["GET"]),
            Route(f"/{version}/files/{{file_id}}", get, methods=["GET"]),
            Route(f"/{version}/files/{{file_id}}", delete, methods=["DELETE"]),
        ]
    return routes


def offer_file(world: World, video: Video) -> None:
    """Let the video's result be a file as soon as there is one."""
    world.files[file_id_of(video)] = video


def file_id_of(video: Video) -> str:
    """The id of the file that a video's result becomes."""
    return hashlib.sha256(video.id.encode()).hexdigest()[:12]


async def _read(call: Call) -> None:
    video = call.world.files.get(call.request.path_params["file_id"])
    if video is not None and video.account.name == call.account.name:
        call.video = video


async def _metadata(call: Call) -> Response:
    video = _found(call)
    body: dict[str, Any] = {
        "name": f"files/{call.request.path_params['file_id']}",
        "mimeType": "video/mp4",
        "createTime": timestamp(video.ends_at + call.world.options.skew_s),
        "updateTime": timestamp(video.ends_at + call.world.options.skew_s),
        "expirationTime": timestamp(video.expires_at(_KEPT_S) + call.world.options.skew_s),
        "uri": f"{str(call.request.base_url).rstrip('/')}/v1beta/files/{call.request.path_params['file_id']}",
        "source": "GENERATED",
        "state": "PROCESSING" if _is_processing(call, video) else "ACTIVE",
    }
    if body["state"] == "ACTIVE":
        clip = await call.world.clip(video)
        body |= {"sizeBytes": str(clip.length), "downloadUri": f"{body['uri']}:download?alt=media"}
        if clip.is_small:
            body["sha256Hash"] = hashlib.sha256(clip.encoded).hexdigest()
    return JSONResponse(body)


async def _download(call: Call) -> Response:
    video = _found(call)
    if _is_processing(call, video):
        raise Refusal(400, "The file is not in an ACTIVE state and usage is not allowed.", "failed_precondition")
    return await deliver(call, await call.world.clip(video))


async def _delete(call: Call) -> Response:
    _found(call)
    del call.world.files[call.request.path_params["file_id"]]
    return JSONResponse({})


def _is_processing(call: Call, video: Video) -> bool:
    fate = video.fates.get("file-processing")
    return fate is not None and call.world.clock.now() < video.ends_at + fate.number("seconds", 5)


def _found(call: Call) -> Video:
    now, video = call.world.clock.now(), call.video
    if video is not None and video.has_output(now):
        if now < video.expires_at(_KEPT_S):
            return video
        raise Refusal(call.world.options.expired_status, "The file has expired.", "not_found")
    named = call.request.path_params["file_id"]
    message = f"You do not have permission to access the File {named} or it may not exist."
    raise Refusal(403 if video is None else 404, message, "permission_denied")
