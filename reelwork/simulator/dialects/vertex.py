"""Veo on Vertex: predictLongRunning and fetchPredictOperation, with results in a bucket or inline."""

import random
import uuid
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reelwork.simulator.dialects.google_face import GoogleFace
from reelwork.simulator.dialects.inline import answer_with_clip
from reelwork.simulator.dialects.omni_requests import json_body
from reelwork.simulator.dialects.vertex_requests import read_prediction
from reelwork.simulator.faults.kinds import Endpoint
from reelwork.simulator.gate import Call, Gate
from reelwork.simulator.refusals import Refusal
from reelwork.simulator.videos import Phase, Video
from reelwork.simulator.world import World

FILTER_REASON = (
    "Veo could not generate videos because the input image or prompt violates our usage guidelines. "
    "Support codes: 58061214"
)
_MODEL = "/{version}/projects/{project}/locations/{location}/publishers/google/models/{model}"
_TYPE = "type.googleapis.com/cloud.ai.large_models.vision.GenerateVideoResponse"
_METADATA = "type.googleapis.com/google.cloud.aiplatform.v1.GenericOperationMetadata"
_HERE = "__clip__"
_RPC_WORDS = {
    3: "The prompt could not be submitted. This prompt contains words that violate our usage guidelines.",
    8: "Resource has been exhausted (e.g. check quota).",
    13: "Internal error encountered.",
    14: "The service is currently unavailable.",
}


def vertex_routes(world: World) -> list[Route]:
    """The two routes of a model; GET on an operation's name does not work, as in the original."""
    gate = Gate(world, GoogleFace("vertex", takes_api_key=False))
    submit = gate.endpoint(Endpoint.SUBMIT, _submit, read_prediction)
    fetch = gate.endpoint(Endpoint.POLL, _fetch, _read)
    return [
        Route(_MODEL + ":predictLongRunning", submit, methods=["POST"]),
        Route(_MODEL + ":fetchPredictOperation", fetch, methods=["POST"]),
    ]


async def _submit(call: Call) -> Response:
    video = call.accept(f"{_name(call)}/operations/{uuid.uuid4()}")
    if video.wanted.storage_uri is not None:
        _promise_objects(call.world, video, video.wanted.storage_uri)
    return JSONResponse({"name": video.id})


async def _read(call: Call) -> None:
    body = await json_body(call)
    call.video = call.world.find(str(body.get("operationName", "")), call.account)


async def _fetch(call: Call) -> Response:
    video, now = call.video, call.world.clock.now()
    if video is None or not video.id.startswith(_name(call) + "/"):
        raise Refusal(404, "The operation was not found.", "not_found")
    video.polls += 1
    if not video.has_ended(now):
        return JSONResponse({"name": video.id, "metadata": {"@type": _METADATA}})
    error = rpc_error(video, now)
    if error is not None:
        return JSONResponse({"name": video.id, "done": True, "error": error})
    response: dict[str, Any] = {"@type": _TYPE, "raiMediaFilteredCount": 0}
    body = {"name": video.id, "done": True, "response": response}
    if "filtered" in video.fates or "text-only" in video.fates:
        response |= {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [FILTER_REASON]}
    elif video.has_output(now) and video.wanted.inline:
        samples = range(video.wanted.samples)
        response["videos"] = [{"bytesBase64Encoded": _HERE, "mimeType": "video/mp4"} for _ in samples]
        return answer_with_clip(body, _HERE, await call.world.clip(video))
    elif video.has_output(now):
        response["videos"] = [{"gcsUri": uri, "mimeType": "video/mp4"} for uri in _uris(call.world, video)]
    return JSONResponse(body)


def rpc_error(video: Video, now: float) -> dict[str, Any] | None:
    """The google.rpc status an ended video failed with, None for one that did not fail."""
    phase = video.phase(now)
    if phase is Phase.CANCELLED:
        return {"code": 1, "message": "The operation was cancelled.", "details": []}
    if phase is not Phase.FAILED:
        return None
    code = 3 if "moderate-later" in video.fates else 13
    if "rpc" in video.fates:
        code = int(video.fates["rpc"].number("code", 13))
    words = _RPC_WORDS.get(code, "The operation failed.")
    fate = next(video.fates[name] for name in ("rpc", "moderate-later", "fail", "fail-as-500") if name in video.fates)
    return {"code": code, "message": fate.text("message", words), "details": []}


def _name(call: Call) -> str:
    where = call.request.path_params
    return f"projects/{where['project']}/locations/{where['location']}/publishers/google/models/{where['model']}"


def _promise_objects(world: World, video: Video, storage_uri: str) -> None:
    bucket, _, prefix = storage_uri.removeprefix("gs://").partition("/")
    folder = prefix if not prefix or prefix.endswith("/") else prefix + "/"
    run = random.Random(video.id).randrange(10**18, 10**19)
    for sample in range(video.wanted.samples):
        world.buckets.setdefault(bucket, {})[f"{folder}{run}/sample_{sample}.mp4"] = (video, sample)


def _uris(world: World, video: Video) -> list[str]:
    assert video.wanted.storage_uri is not None
    bucket = video.wanted.storage_uri.removeprefix("gs://").partition("/")[0]
    return [f"gs://{bucket}/{name}" for name, (owner, _) in world.buckets.get(bucket, {}).items() if owner is video]
