"""The document and the page that shows it: open without a key, and asking no other server."""

import json
from functools import lru_cache
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from app.calls import ApiRoute, open_to_all
from app.deps import Deps
from app.problems import Problem
from app.reference.document import document

_PAGES = Path(__file__).parent / "pages"
_FILES = {"reference.js": "text/javascript", "reference.css": "text/css"}
_SAFE = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


def routes() -> list[BaseRoute]:
    return [
        open_to_all("/openapi.json", described),
        open_to_all("/docs", page),
        open_to_all("/docs/{name}", file),
    ]


async def described(request: Request, deps: Deps) -> Response:
    return Response(_document(request.app), media_type="application/json", headers=_SAFE)


async def page(request: Request, deps: Deps) -> Response:
    return Response(_read("reference.html"), media_type="text/html", headers=_SAFE)


async def file(request: Request, deps: Deps) -> Response:
    name = request.path_params["name"]
    if name not in _FILES:
        raise Problem(404, "no_such_path", "Not Found")
    return Response(_read(name), media_type=_FILES[name], headers=_SAFE)


@lru_cache(maxsize=1)
def _document(app: Starlette) -> bytes:
    described = document(route for route in app.routes if isinstance(route, ApiRoute))
    return json.dumps(described, separators=(",", ":"), ensure_ascii=False).encode()


@lru_cache
def _read(name: str) -> str:
    return (_PAGES / name).read_text()
