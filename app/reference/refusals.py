"""How an operation refuses: status by status, with the codes that can stand there, each shown as it really goes out."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from app.calls import ApiRoute
from app.problems import FieldError, Problem
from app.reference.codes import CODES
from app.reference.operations import Operation
from app.refusals import refuse

_GUARDED = ("unauthorized", "session_over", "missing_scope", "rate_limited")
_WRITING = (
    *("cross_site", "not_from_dashboard"),
    *("malformed_idempotency_key", "idempotency_key_in_use", "idempotency_key_reused", "answer_unreadable", "erased"),
)
_WITH_A_BODY = ("invalid_json",)
_ALWAYS = ("invalid_request", "internal_error", "unavailable")
_HEADERS = {
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate",),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After", "RateLimit", "RateLimit-Policy"),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After",),
}
_FACES = {"problem": "/api", "openai": "/v1"}
_SHAPES = {"problem": "Refusal", "openai": "OpenAIRefusal"}


@dataclass(frozen=True, slots=True)
class Refusing:
    """What an operation refuses with under one status; equal names mean equal answers."""

    name: str
    status: int
    codes: Sequence[str]
    content: Mapping[str, Any]
    headers: Sequence[str]


def _shown(face: str, code: str, status: int) -> tuple[int, str, dict[str, Any]]:
    """The status, the media type and the document with which this face refuses."""
    known = CODES[code]
    path, _, message = known.detail.partition(": ")
    errors = [FieldError(path, message)] if code == "invalid_request" else []
    sent = refuse(_FACES[face], Problem(status, code, known.detail, errors=errors, extra=known.extra))
    return sent.status_code, str(sent.media_type), json.loads(bytes(sent.body))


EXAMPLES: Mapping[str, Any] = {
    f"{face}_{code}": {"value": _shown(face, code, known.status)[2]} for face in _FACES for code, known in CODES.items()
}


def refusals_of(route: ApiRoute, operation: Operation) -> list[Refusing]:
    """How the operation refuses, by status."""
    face = "openai" if route.path.startswith("/v1/") else "problem"
    grouped: dict[int, dict[str, str]] = {}
    media = ""
    for code in dict.fromkeys(_codes(route, operation)):
        name, status = code if isinstance(code, tuple) else (code, CODES[code].status)
        shown_as, media, body = _shown(face, name, status)
        told = body["error"]["code"] if face == "openai" else name
        grouped.setdefault(shown_as, {})[told] = f"{face}_{name}"
    return [_refusing(face, status, media, grouped[status]) for status in sorted(grouped)]


def _codes(route: ApiRoute, operation: Operation) -> Iterable[str | tuple[str, int]]:
    yield from operation.codes
    if route.scope:
        yield from _GUARDED
    if route.is_write:
        yield from _WRITING
    if route.is_write or operation.takes:
        yield from ("slow_body", "too_large")
    if operation.takes:
        yield from _WITH_A_BODY
    if "}" in route.path and ":path" not in route.path:
        yield from ("not_found", "no_such_path") if route.scope else ("no_such_path",)
    yield from _ALWAYS


def _refusing(face: str, status: int, media: str, examples: Mapping[str, str]) -> Refusing:
    codes = list(examples)
    only: dict[str, Any] = {"properties": {"code": {"enum": codes}}}
    if face == "openai":
        only = {"properties": {"error": only}}
    content = {
        "schema": {"allOf": [{"$ref": f"#/components/schemas/{_SHAPES[face]}"}, only]},
        "examples": {code: {"$ref": f"#/components/examples/{name}"} for code, name in examples.items()},
    }
    final = ("x-should-retry",) if face == "openai" and status < HTTPStatus.INTERNAL_SERVER_ERROR else ()
    headers = ("X-Request-Id", *_HEADERS.get(HTTPStatus(status), ()), *final)
    return Refusing("-".join([face, str(status), *sorted(codes)]), status, codes, {media: content}, headers)
