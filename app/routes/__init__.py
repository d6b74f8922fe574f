"""All paths of the API, area by area."""

from starlette.routing import BaseRoute

from app.routes import (
    clients,
    credentials,
    health,
    jobs,
    lanes,
    media,
    openai_models,
    openai_videos,
    queue,
    review,
    storyboards,
    videos,
)


def all_routes() -> list[BaseRoute]:
    """Every route, in the order in which they are matched."""
    areas = (
        *(videos, media, storyboards, jobs, queue, review, lanes, clients, credentials, health),
        *(openai_videos, openai_models),
    )
    return [route for area in areas for route in area.routes()]
