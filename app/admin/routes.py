"""All paths of the dashboard."""

from starlette.routing import BaseRoute

from app.admin import audit, bulk, job, overview, pages, review, search, signing_in

_AREAS = (signing_in, overview, search, bulk, job, review, audit, pages)


def routes() -> list[BaseRoute]:
    return [route for area in _AREAS for route in area.routes()]
