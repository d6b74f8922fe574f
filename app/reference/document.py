"""The OpenAPI 3.1 document, made of the routes and of what the areas say about them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from app import sessions
from app.answers.dashboard import Forecast, NotSignedIn, Piece, SignedIn
from app.answers.refusals import OpenAIRefusal, Refusal
from app.calls import ApiRoute
from app.reference import headers
from app.reference.areas import AREAS
from app.reference.areas.examples import JOB, VIDEO_ID
from app.reference.operations import Answer, Operation, Schema, Takes
from app.reference.refusals import EXAMPLES, Refusing, refusals_of
from app.reference.schemas import components
from config.version import VERSION

_CONVERTER = re.compile(r":\w+}")
_NAME = re.compile(r"{(\w+)")
_UUID = {"type": "string", "format": "uuid"}
_PATH: Mapping[str, Schema] = {
    **dict.fromkeys(("job_id", "lane_id", "client_id", "key_id", "credential_id", "delivery_id"), _UUID),
    "video_id": {"type": "string", "pattern": "^video_[0-9a-f]{32}$"},
    "file_id": {"type": "string", "pattern": "^file-[0-9a-f]{32}$"},
}
_EXAMPLES = {
    "job_id": {"example": JOB},
    "video_id": {"example": VIDEO_ID},
    "storyboard_id": {"example": "film-1"},
    "model": {"example": "gemini-omni-1.2-flash"},
    "end_user_id": {"example": "user-7"},
    "position": {"example": "0"},
    "kind": {"example": "omni"},
    "name": {"example": "reference.js"},
}
_ANY = {"type": "string", "minLength": 1}
_NAMED = (Refusal, OpenAIRefusal, SignedIn, NotSignedIn, Forecast, Piece)
"""Shapes to which schemas refer by name."""
_INFO = {
    "title": "Reelwork",
    "version": VERSION,
    "description": "Turns requests for AI videos into stored videos: none lost, none paid for twice. Times are ISO "
    "8601 in UTC, money is US dollars, lengths are seconds. Refusals are problem documents (RFC 9457) with a "
    "stable `code`; under `/v1` they have OpenAI's shape.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
_SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "The admin key, or a client's key that has the scope named beside the operation.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": sessions.COOKIE,
        "description": "Of POST /api/admin/session. A write then comes from a page of this server and says so in "
        f"the header {sessions.HEADER}.",
    },
    "eventToken": {"type": "apiKey", "in": "query", "name": "token", "description": "Of POST /api/events/token."},
}


def document(routes: Iterable[ApiRoute]) -> dict[str, Any]:
    """The description of these routes. KeyError for one that no area describes."""
    described = {place: (area.name, operation) for area in AREAS for place, operation in area.operations.items()}
    placed, schemas = components([*_shapes(described.values()), *_NAMED])
    paths: dict[str, dict[str, Any]] = {}
    refusals: dict[str, Any] = {}
    for route in routes:
        area, operation = described[route.method, route.path]
        refusals |= {one.name: _refusal(one) for one in refusals_of(route, operation)}
        member = paths.setdefault(_CONVERTER.sub("}", route.path), {})
        member[route.method.lower()] = _operation(route, area, operation, placed)
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "servers": [{"url": "/"}],
        "tags": [{"name": area.name, "description": area.description} for area in AREAS],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": refusals,
            "examples": EXAMPLES,
            "headers": headers.ANSWERED,
            "securitySchemes": _SECURITY,
        },
    }


def _shapes(described: Iterable[tuple[str, Operation]]) -> Iterable[type]:
    for _, operation in described:
        shapes = [answer.shape for answer in operation.answers.values()]
        shapes += [operation.takes.shape] if operation.takes else []
        yield from (shape for shape in shapes if isinstance(shape, type))


def _operation(route: ApiRoute, area: str, operation: Operation, placed: Mapping[type, Schema]) -> dict[str, Any]:
    told: dict[str, Any] = {
        "operationId": _id(route),
        "tags": [area],
        "summary": operation.summary,
        "security": _security(route, operation),
        "parameters": _parameters(route, operation),
        "responses": _responses(route, operation, placed),
    }
    if operation.description:
        told["description"] = operation.description
    if operation.takes:
        told["requestBody"] = _body(operation.takes, placed)
    return told


def _id(route: ApiRoute) -> str:
    words = re.findall(r"\w+", _CONVERTER.sub("}", route.path).replace(".", "_"))
    return "_".join([route.method.lower(), *words])


def _security(route: ApiRoute, operation: Operation) -> list[dict[str, list[str]]]:
    if route.scope:
        return [{"bearer": [route.scope.value]}, {"session": []}]
    return [{scheme: []} for scheme in operation.also_opened_by]


def _parameters(route: ApiRoute, operation: Operation) -> list[Mapping[str, Any]]:
    named = [
        {"name": name, "in": "path", "required": True, "schema": _PATH.get(name, _ANY), **_EXAMPLES.get(name, {})}
        for name in _NAME.findall(route.path)
    ]
    asked = [
        {"name": one.name, "in": "query", "schema": one.schema, "description": one.description}
        for one in operation.query
    ]
    once = [headers.IDEMPOTENCY_KEY] if route.is_write else []
    return [*named, *asked, *operation.headers, *once]


def _body(takes: Takes, placed: Mapping[type, Schema]) -> dict[str, Any]:
    schema = placed[takes.shape] if isinstance(takes.shape, type) else takes.shape
    content = {media: {"schema": schema, "example": takes.example} for media in takes.media}
    return {"required": takes.required, "content": content}


def _responses(route: ApiRoute, operation: Operation, placed: Mapping[type, Schema]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status, answer in operation.answers.items():
        usual = ["Idempotent-Replayed"] if route.is_write else []
        responses[str(status)] = _answer(answer, placed, [*usual, *_everywhere(route)])
    for refusal in refusals_of(route, operation):
        if str(refusal.status) in responses:
            responses[str(refusal.status)]["content"] |= refusal.content
        else:
            responses[str(refusal.status)] = {"$ref": f"#/components/responses/{refusal.name}"}
    return dict(sorted(responses.items()))


def _refusal(refusal: Refusing) -> dict[str, Any]:
    codes = ", ".join(f"`{code}`" for code in refusal.codes)
    described = f"{HTTPStatus(refusal.status).phrase}: {codes}."
    return {"description": described, "headers": _headers(refusal.headers), "content": refusal.content}


def _answer(answer: Answer, placed: Mapping[type, Schema], usual: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = {"description": answer.description, "headers": _headers([*answer.headers, *usual])}
    if answer.shape is not None:
        shown = {"schema": placed[answer.shape] if isinstance(answer.shape, type) else answer.shape}
        shown |= {"example": answer.example} if answer.example is not None else {}
        told["content"] = dict.fromkeys(answer.media, shown)
    return told


def _everywhere(route: ApiRoute) -> list[str]:
    return ["X-Request-Id", *(("RateLimit", "RateLimit-Policy") if route.scope else ())]


def _headers(names: Iterable[str]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
