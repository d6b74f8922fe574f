"""The files of the dashboard: one page for every address under /admin, and what it loads from this server alone."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute

from app.calls import open_to_all
from app.deps import Deps
from app.problems import not_found

_FOLDER = Path(__file__).parent / "static"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FILES = {str(path.relative_to(_FOLDER)): path for path in _FOLDER.rglob("*") if path.suffix in _TYPES}
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


def routes() -> list[BaseRoute]:
    return [
        open_to_all("/admin/static/{name:path}", static),
        open_to_all("/admin", page),
        open_to_all("/admin/{view:path}", page),
    ]


async def page(request: Request, deps: Deps) -> Response:
    """The page itself, which asks for a key where there is no session."""
    return _file("index.html")


async def static(request: Request, deps: Deps) -> Response:
    """A script, a style sheet or a picture."""
    name = request.path_params["name"]
    if name not in _FILES:
        raise not_found("file")
    return _file(name)


def _file(name: str) -> Response:
    path = _FILES[name]
    return FileResponse(path, media_type=_TYPES[path.suffix], headers=_HEADERS)
