"""Cloud Storage's JSON API over the objects that Veo wrote: list by prefix, read, delete."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from reelwork.simulator.dialects.google_face import GoogleFace, timestamp
from reelwork.simulator.faults.kinds import Endpoint
from reelwork.simulator.gate import Call, Gate
from reelwork.simulator.refusals import Refusal
from reelwork.simulator.transfer import deliver
from reelwork.simulator.videos import Video
from reelwork.simulator.world import World

_PAGE = 1000


def bucket_routes(world: World) -> list[Route]:
    """The routes of objects. Buckets need not be made: one exists as soon as something was written to it."""
    gate = Gate(world, GoogleFace("vertex", takes_api_key=False))
    media = gate.endpoint(Endpoint.CONTENT, _media, _read)
    metadata = gate.endpoint(Endpoint.FILE, _metadata, _read)
    delete = gate.endpoint(Endpoint.DELETE, _delete, _read)

    async def get(request: Request) -> Response:
        return await (media if request.query_params.get("alt") == "media" else metadata)(request)

    path = "/storage/v1/b/{bucket}/o"
    return [
        Route(path, gate.endpoint(Endpoint.LIST, _list), methods=["GET"]),
        Route(path + "/{name:path}", get, methods=["GET"]),
        Route(path + "/{name:path}", delete, methods=["DELETE"]),
        Route("/download" + path + "/{name:path}", media, methods=["GET"]),
    ]


async def _read(call: Call) -> None:
    where = call.request.path_params
    video, _ = call.world.buckets.get(where["bucket"], {}).get(where["name"], (None, 0))
    call.video = video


async def _list(call: Call) -> Response:
    query, bucket = call.request.query_params, call.request.path_params["bucket"]
    names = list(_visible(call.world, bucket, query.get("prefix", "")))
    names = [name for name in sorted(names) if name > query.get("pageToken", "")]
    asked = query.get("maxResults", "")
    size = min(int(asked), _PAGE) if asked.isdigit() and int(asked) else _PAGE
    page = names[:size]
    body: dict[str, Any] = {"kind": "storage#objects"}
    if page:
        body["items"] = [await _resource(call.world, bucket, name) for name in page]
    if len(names) > size:
        body["nextPageToken"] = page[-1]
    return JSONResponse(body)


async def _metadata(call: Call) -> Response:
    bucket, name = _found(call)
    return JSONResponse(await _resource(call.world, bucket, name))


async def _media(call: Call) -> Response:
    bucket, name = _found(call)
    video, sample = call.world.buckets[bucket][name]
    return await deliver(call, await call.world.clip(video, sample))


async def _delete(call: Call) -> Response:
    bucket, name = _found(call)
    del call.world.buckets[bucket][name]
    return Response(status_code=204)


def _visible(world: World, bucket: str, prefix: str) -> Iterator[str]:
    now = world.clock.now()
    for name, (video, _) in world.buckets.get(bucket, {}).items():
        if name.startswith(prefix) and _is_written(video, now):
            yield name


def _is_written(video: Video, now: float) -> bool:
    return video.has_output(now)


def _found(call: Call) -> tuple[str, str]:
    bucket, name = call.request.path_params["bucket"], call.request.path_params["name"]
    if call.video is None or not _is_written(call.video, call.world.clock.now()):
        raise Refusal(404, f"No such object: {bucket}/{name}", "not_found")
    return bucket, name


async def _resource(world: World, bucket: str, name: str) -> dict[str, Any]:
    video, sample = world.buckets[bucket][name]
    clip = await world.clip(video, sample)
    written = timestamp(video.ends_at + world.options.skew_s)
    resource: dict[str, Any] = {
        "kind": "storage#object",
        "id": f"{bucket}/{name}/1",
        "name": name,
        "bucket": bucket,
        "generation": "1",
        "contentType": "video/mp4",
        "size": str(clip.length),
        "timeCreated": written,
        "updated": written,
    }
    if clip.is_small:
        resource["md5Hash"] = base64.b64encode(hashlib.md5(clip.encoded, usedforsecurity=False).digest()).decode()
    return resource
