"""Turns a reply into a typed answer, or into the error that fits it."""

import json
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from reelwork.client.errors import (
    BadRequest,
    Conflict,
    FieldError,
    Forbidden,
    NotFound,
    OverBudget,
    Problem,
    RateLimited,
    ReelworkError,
    ServerUnavailable,
    Unauthorized,
)
from reelwork.client.flow import Reply
from reelwork.models_base import Answer

A = TypeVar("A", bound=Answer)

_BY_STATUS: Final[Mapping[int, type[ReelworkError]]] = {
    401: Unauthorized,
    402: OverBudget,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: RateLimited,
    502: ServerUnavailable,
    503: ServerUnavailable,
    504: ServerUnavailable,
}


def parse(reply: Reply, shape: type[A]) -> A:
    """The reply as `shape`; raises the ReelworkError that its status stands for, or that it is not Reelwork's."""
    if not 200 <= reply.status < 300:
        raise error_of(reply)
    return read_as(reply, shape)


def read_as(reply: Reply, shape: type[A]) -> A:
    """The reply's body as `shape`, whatever its status."""
    try:
        return shape.model_validate_json(reply.body)
    except ValidationError as error:
        sentence = (
            f"The answer ({reply.status}) is not one of a Reelwork server: it is no {shape.__name__}. "
            "Check the server's URL and version."
        )
        raise ReelworkError(sentence, Problem(status=reply.status)) from error


def error_of(reply: Reply) -> ReelworkError:
    """The error that a refusing reply stands for; the sentence is the server's own where it gave one."""
    members = _members(reply.body)
    problem = Problem(
        status=reply.status,
        code=_text(members.get("code")),
        errors=_field_errors(members.get("errors")),
        retry_after=_seconds(reply.headers.get("retry-after")),
    )
    return _class_of(reply.status)(_sentence(members, reply), problem)


def _class_of(status: int) -> type[ReelworkError]:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return BadRequest if 400 <= status < 500 else ReelworkError


def _members(body: bytes) -> dict[str, Any]:
    try:
        members = json.loads(body)
    except ValueError:
        return {}
    return members if isinstance(members, dict) else {}


def _sentence(members: Mapping[str, Any], reply: Reply) -> str:
    for name in ("detail", "error", "title"):
        if isinstance(sentence := members.get(name), str) and sentence:
            return sentence
    return f"The server answered {reply.status} without a reason."


def _field_errors(errors: Any) -> tuple[FieldError, ...]:
    if not isinstance(errors, list):
        return ()
    entries = [entry for entry in errors if isinstance(entry, dict)]
    return tuple(FieldError(str(entry.get("path", "")), str(entry.get("message", ""))) for entry in entries)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _seconds(header: str | None) -> float | None:
    try:
        return max(0.0, float(header)) if header is not None else None
    except ValueError:
        return None
