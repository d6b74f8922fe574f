"""Every refusal of this API: RFC 9457 problem documents with a stable type and code, and nothing secret in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with a body; `path` names the member with dots and indexes (`scenes.0.seconds`)."""

    path: str
    message: str


@dataclass(eq=False)
class Problem(Exception):
    """Raised anywhere below a route to answer with this refusal. `extra` members join the document."""

    status: int
    code: str
    detail: str
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.status} {self.code}"


def respond(problem: Problem) -> JSONResponse:
    """The problem as it goes out; `error` repeats `detail` for clients that read the older name."""
    document: dict[str, Any] = {
        "type": f"urn:reelwork:problem:{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "error": problem.detail,
    }
    if problem.errors:
        document["errors"] = [{"path": error.path, "message": error.message} for error in problem.errors]
    return JSONResponse(
        document | dict(problem.extra), problem.status, headers=dict(problem.headers), media_type=MEDIA_TYPE
    )


def invalid(errors: Sequence[FieldError]) -> Problem:
    """400 for a body that does not validate, with everything that is wrong at once."""
    if len(errors) == 1:
        detail = f"{errors[0].path}: {errors[0].message}" if errors[0].path else errors[0].message
    else:
        detail = f"{len(errors)} things in the request are not valid"
    return Problem(HTTPStatus.BAD_REQUEST, "invalid_request", detail, errors=errors)


def merged(found: Sequence[tuple[str, Problem]]) -> Problem:
    """One problem for several parts of a request; each part's errors carry its place in front of their paths."""
    errors = [
        FieldError(f"{place}.{error.path}", error.message)
        for place, problem in found
        for error in problem.errors or [FieldError("", problem.detail)]
    ]
    errors = [FieldError(error.path.rstrip("."), error.message) for error in errors]
    first = found[0][1]
    if any(problem.code != first.code for _, problem in found):
        return invalid(errors)
    detail = first.detail if len(found) == 1 else f"{len(errors)} things in the request are not valid"
    return Problem(first.status, first.code, detail, errors=errors, headers=first.headers, extra=first.extra)


def not_found(what: str) -> Problem:
    """404, the same for what never was and for what belongs to another client."""
    return Problem(HTTPStatus.NOT_FOUND, "not_found", f"There is no {what} with this id")


def unavailable(detail: str, *, retry_after_s: int = 2) -> Problem:
    """503 with Retry-After. A commit may have gone through unheard: a create is sent again safely with a jobId."""
    headers = {"Retry-After": str(retry_after_s)}
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", detail, headers=headers)
