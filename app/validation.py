"""From the bytes of a body to a checked model, or to one problem that names everything wrong with it."""

import asyncio
import json
import math
from collections.abc import AsyncGenerator, Iterator, Mapping
from http import HTTPStatus
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from app.problems import FieldError, Problem, invalid

Model = TypeVar("Model", bound=BaseModel)

_SENTENCES = {
    "missing": "is required",
    "extra_forbidden": "is not a member this call knows",
    "timezone_aware": "needs a time zone, for example 2026-01-31T12:00:00Z",
    "uuid_parsing": "is not a UUID",
}
_MOST_DEPTH = 32
_NOT_TEXT = "holds a character that is not text (NUL or half of a surrogate pair)"

SMALL_BODY = 256 * 1024
"""Bytes; enough for everything but a create, which may carry images."""

LARGE_BODY = 64 * 1024 * 1024
_SMALL_BODY_S, _LARGE_BODY_S = 10.0, 45.0
"""Seconds that a body may take; less than a call has in all, so that its sender hears why it failed."""


async def read_object(request: Request, most_bytes: int = SMALL_BODY) -> dict[str, Any]:
    """The body as a JSON object; an empty body is an empty object. Raises Problem."""
    raw = b"".join([chunk async for chunk in chunks_of(request, most_bytes)])
    if not raw.strip():
        return {}
    try:
        parsed = json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, "invalid_json", "The body is not valid JSON") from None
    if not isinstance(parsed, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, "invalid_json", "The body must be a JSON object")
    refuse_unstorable(parsed)
    return parsed


async def read_body(request: Request, model: type[Model]) -> Model:
    """The body as `model`. Raises Problem with all field errors at once."""
    checked, errors = check(await read_object(request), model)
    if checked is None:
        raise invalid(errors)
    return checked


def check(members: Mapping[str, Any], model: type[Model]) -> tuple[Model | None, list[FieldError]]:
    """The model, or None and what is wrong; no sentence repeats a value that was sent."""
    try:
        return model.model_validate(members), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
    return None, [FieldError(".".join(map(str, detail["loc"])), _sentence(detail)) for detail in details]


async def chunks_of(request: Request, most_bytes: int) -> AsyncGenerator[bytes, None]:
    """The body as it comes; one that says or shows that it is larger, or trickles, is not read on. Raises Problem."""
    said, got = request.headers.get("content-length", ""), 0
    until = asyncio.get_running_loop().time() + (_SMALL_BODY_S if most_bytes <= SMALL_BODY else _LARGE_BODY_S)
    if not (said.isdecimal() and int(said) > most_bytes):
        parts = request.stream()
        while chunk := await _next(parts, until):
            got += len(chunk)
            if got > most_bytes:
                break
            yield chunk
        else:
            return
    detail = f"The body is larger than {most_bytes // 1024} KB"
    raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", detail, headers={"Connection": "close"})


async def _next(parts: AsyncGenerator[bytes, None], until: float) -> bytes:
    """The next part of a body, empty at its end. Raises Problem (408) where it does not come by `until`."""
    try:
        async with asyncio.timeout_at(until):
            return await anext(parts, b"")
    except TimeoutError:
        detail = "The body did not come in time"
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, "slow_body", detail, headers={"Connection": "close"}) from None


def refuse_unstorable(members: Mapping[str, Any]) -> None:
    """Raises Problem for text that Postgres cannot hold, numbers that JSON cannot, and nesting without end."""
    if errors := list(_unstorable(members, "", 0)):
        raise invalid(errors)


def require_plain(request: Request) -> None:
    """Raises Problem for an address with what no text holds; bodies are looked at where they are read."""
    named = [*request.query_params.multi_items(), *((name, str(value)) for name, value in request.path_params.items())]
    if odd := [name for name, value in named if not (_is_plain(name) and _is_plain(value))]:
        raise invalid([FieldError(name if _is_plain(name) else "", _NOT_TEXT) for name in odd])


def _sentence(detail: Mapping[str, Any]) -> str:
    if known := _SENTENCES.get(detail["type"]):
        return known
    sentence: str = detail["msg"].removeprefix("Value error, ")
    return sentence.replace("Input should be", "must be", 1).replace("String should", "must", 1)


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


def _unstorable(value: object, path: str, depth: int) -> Iterator[FieldError]:
    if fault := _fault(value, depth):
        yield FieldError(path, fault)
        return
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from _unstorable(member, f"{path}.{key}" if path else str(key), depth + 1)


def _fault(value: object, depth: int) -> str | None:
    if depth > _MOST_DEPTH:
        return f"is nested more than {_MOST_DEPTH} levels deep"
    if isinstance(value, float) and not math.isfinite(value):
        return "is not a finite number"
    texts = (value,) if isinstance(value, str) else value if isinstance(value, dict) else ()
    if not all(_is_plain(text) for text in texts):
        return _NOT_TEXT
    return None


def _is_plain(text: str) -> bool:
    if "\x00" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def flag(request: Request, name: str) -> bool:
    """A yes or no in the query; absent is no. Raises Problem."""
    word = request.query_params.get(name, "false").lower()
    if word not in {"true", "1", "false", "0", ""}:
        raise invalid([FieldError(name, "must be true or false")])
    return word in {"true", "1"}


def number(request: Request, name: str, usual: int, most: int) -> int:
    """A whole number from 1 to `most` in the query. Raises Problem."""
    word = request.query_params.get(name, str(usual))
    if not (word.isascii() and word.isdigit() and len(word) < 10 and 1 <= int(word) <= most):
        raise invalid([FieldError(name, f"must be a whole number from 1 to {most}")])
    return int(word)
