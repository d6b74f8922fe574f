"""All paths of the API, area by area."""

from starlette.routing import BaseRoute

from app.admin import routes as dashboard
from app.routes import (
    alerts,
    clients,
    credentials,
    end_users,
    events,
    health,
    hooks,
    imports,
    jobs,
    keys,
    lanes,
    media,
    metrics,
    openai_files,
    openai_models,
    openai_videos,
    queue,
    review,
    spend,
    storyboards,
    videos,
    webhooks,
)

_AREAS = (
    events,
    videos,
    media,
    end_users,
    storyboards,
    jobs,
    queue,
    review,
    imports,
    lanes,
    spend,
    clients,
    keys,
    credentials,
    health,
    metrics,
    alerts,
    webhooks,
    hooks,
    openai_videos,
    openai_models,
    openai_files,
    dashboard,
)


def all_routes() -> list[BaseRoute]:
    """Every route, in the order in which they are matched."""
    return [route for area in _AREAS for route in area.routes()]
