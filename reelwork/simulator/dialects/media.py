"""Results as a download host hands them out: to anybody who has the link, noting keys that should not come along."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reelwork.simulator.transfer import send_clip
from reelwork.simulator.world import World

_SECRETS = ("authorization", "x-goog-api-key", "cookie")


def media_routes(world: World) -> list[Route]:
    """GET /_media/{id}.mp4, on either port."""

    async def media(request: Request) -> Response:
        for name in _SECRETS:
            if name in request.headers:
                world.books.leaks[name] += 1
        video = world.videos.get(request.path_params["video_id"])
        if video is None or not video.has_output(world.clock.now()):
            return Response(status_code=404)
        return send_clip(await world.clip(video), request.headers.get("range"), "video/mp4")

    return [Route("/_media/{video_id:path}.mp4", media, methods=["GET"])]
