"""Refusals in OpenAI's shape, so that its SDKs raise the right exception and repeat only what may help."""

import re
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

from app.problems import FieldError, Problem

_SHOWN_AS = {HTTPStatus.GONE: HTTPStatus.NOT_FOUND}
"""Statuses for which OpenAI's clients have no exception, and what OpenAI itself answers there."""

_TYPES = {
    HTTPStatus.UNAUTHORIZED: "authentication_error",
    HTTPStatus.PAYMENT_REQUIRED: "insufficient_quota",
    HTTPStatus.FORBIDDEN: "permission_error",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_error",
}
_CODES = {"invalid_request": "invalid_value", "unauthorized": "invalid_api_key"}
_REPEATED = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_CAPITAL = re.compile(r"[A-Z]")


def respond(problem: Problem) -> JSONResponse:
    """`{"error": {message, type, param, code}}`; further members of the problem stand beside them."""
    status = HTTPStatus(_SHOWN_AS.get(HTTPStatus(problem.status), problem.status))
    usual = "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error"
    error: dict[str, Any] = {
        "message": _message(problem),
        "type": _TYPES.get(status, usual),
        "param": as_sent(problem.errors[0].path) or None if problem.errors else None,
        "code": _CODES.get(problem.code, problem.code),
    }
    headers = dict(problem.headers)
    if _is_final(status, problem):
        headers["x-should-retry"] = "false"
    return JSONResponse({"error": dict(problem.extra) | error}, status, headers=headers)


def as_sent(path: str) -> str:
    """A member's path in the spelling of this API: `aspectRatio` is `aspect_ratio` here."""
    return _CAPITAL.sub(lambda letter: f"_{letter[0].lower()}", path)


def _message(problem: Problem) -> str:
    return "; ".join(map(_sentence, problem.errors)) if problem.errors else problem.detail


def _sentence(error: FieldError) -> str:
    return f"{as_sent(error.path)}: {error.message}" if error.path else error.message


def _is_final(status: HTTPStatus, problem: Problem) -> bool:
    """Whether sending the same again is of no use: an SDK would otherwise repeat every 409."""
    return (
        status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _REPEATED and "Retry-After" not in problem.headers
    )
