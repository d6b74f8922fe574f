"""How an area describes one operation: what it takes, what it answers, with which codes it refuses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
FORM = "multipart/form-data"
Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """One name in the query; none is required."""

    name: str
    schema: Schema
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What comes with one status. `shape` is a type of `app.answers`, or a schema where the body is not JSON; None: no
    body. `headers` are names of `app.reference.headers`."""

    description: str
    shape: type | Schema | None = None
    example: Any = None
    media: Sequence[str] = (JSON,)
    headers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Takes:
    """A request's body. `shape` is the model that checks it, or a schema where there is none; `media` what it may be
    spelled in."""

    shape: type | Schema
    example: Any
    media: Sequence[str] = (JSON,)
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`headers` are parameters. `codes` are those of its own, with their status where it is another than usual: what a
    key, a body, an Idempotency-Key or an outage can bring is known from its route. `also_opened_by` are security
    schemes that do instead of a key."""

    summary: str
    answers: Mapping[int, Answer]
    description: str = ""
    query: Sequence[Query] = ()
    takes: Takes | None = None
    headers: Sequence[Schema] = ()
    codes: Sequence[str | tuple[str, int]] = ()
    also_opened_by: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Area:
    """Operations by method and path, under one heading."""

    name: str
    description: str
    operations: Mapping[tuple[str, str], Operation] = field(repr=False)
