"""The client's work without any input or output: a flow yields steps and is sent what came of them.

One flow serves the blocking and the asyncio client alike; `runners.py` carries the steps out. A step that fails for
want of a server is thrown into the flow as ServerUnavailable.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request, its path relative to the server's URL. `body` is sent as JSON."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Sink(Protocol):
    """Takes a transferred body piece by piece; `finish` says that it ended in good order. All may block on a disk."""

    def begin(self, status: int, headers: Mapping[str, str]) -> None: ...

    def write(self, piece: bytes) -> None: ...

    def finish(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Transfer:
    """A request whose body, if the answer is 200 or 206, goes to the sink and not into the reply."""

    request: Request
    sink: Sink


@dataclass(frozen=True, slots=True)
class Pause:
    """Do nothing for so many seconds."""

    seconds: float


Step: TypeAlias = Request | Transfer | Pause
Flow: TypeAlias = Generator[Step, Reply | None, T]


def exchange(step: Request | Transfer) -> Flow[Reply]:
    """Carry out a request; returns the answer whatever its status."""
    reply = yield step
    assert reply is not None
    return reply


def pause(seconds: float) -> Flow[None]:
    """Wait."""
    yield Pause(seconds)
