"""Veo as the Gemini API spoke it until 2026: predictLongRunning by API key, results as files. Gateways still do."""

import secrets
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reelwork.simulator.dialects.google_face import GoogleFace
from reelwork.simulator.dialects.omni_files import file_id_of, offer_file
from reelwork.simulator.dialects.vertex import FILTER_REASON, rpc_error
from reelwork.simulator.dialects.vertex_requests import read_prediction
from reelwork.simulator.faults.kinds import Endpoint
from reelwork.simulator.gate import Call, Gate
from reelwork.simulator.refusals import Refusal
from reelwork.simulator.world import World

_TYPE = "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse"


def gemini_veo_routes(world: World) -> list[Route]:
    """The two routes of a model under /v1beta."""
    gate = Gate(world, GoogleFace("gemini-veo", takes_api_key=True))
    submit = gate.endpoint(Endpoint.SUBMIT, _submit, read_prediction)
    poll = gate.endpoint(Endpoint.POLL, _poll, _read)
    return [
        Route("/v1beta/models/{model}:predictLongRunning", submit, methods=["POST"]),
        Route("/v1beta/models/{model}/operations/{operation}", poll, methods=["GET"]),
    ]


async def _submit(call: Call) -> Response:
    video = call.accept(f"models/{call.request.path_params['model']}/operations/{secrets.token_hex(8)}")
    offer_file(call.world, video)
    return JSONResponse({"name": video.id})


async def _read(call: Call) -> None:
    where = call.request.path_params
    call.video = call.world.find(f"models/{where['model']}/operations/{where['operation']}", call.account)


async def _poll(call: Call) -> Response:
    video, now = call.video, call.world.clock.now()
    if video is None:
        raise Refusal(404, "The operation was not found.", "not_found")
    video.polls += 1
    if not video.has_ended(now):
        return JSONResponse({"name": video.id})
    error = rpc_error(video, now)
    if error is not None:
        return JSONResponse({"name": video.id, "done": True, "error": error})
    result: dict[str, Any] = {}
    if "filtered" in video.fates or "text-only" in video.fates:
        result = {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [FILTER_REASON]}
    elif video.has_output(now):
        base = str(call.request.base_url).rstrip("/")
        uri = f"{base}/v1beta/files/{file_id_of(video)}:download?alt=media"
        result = {"generatedSamples": [{"video": {"uri": uri}}]}
    return JSONResponse({"name": video.id, "done": True, "response": {"@type": _TYPE, "generateVideoResponse": result}})
