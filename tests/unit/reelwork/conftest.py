"""Drives flows without a network: replies are fed in by hand, pauses only move a clock."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from reelwork.client.errors import ReelworkError, ServerUnavailable
from reelwork.client.flow import Flow, Pause, Reply, Request, Transfer

Event = Reply | ServerUnavailable


@dataclass
class Driver:
    """Feeds `events` to a flow, one for each request; `now` is the seconds its pauses have taken."""

    now: float = 0.0
    requests: list[Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def drive(self, flow: Flow[Any], events: Sequence[Event]) -> Any:
        left = list(events)
        outcome: Event | None = None
        try:
            while True:
                step = flow.throw(outcome) if isinstance(outcome, ReelworkError) else flow.send(outcome)
                outcome = self._perform(step, left)
        except StopIteration as ended:
            assert not left, f"{len(left)} replies were not asked for"
            return ended.value

    def _perform(self, step: Request | Transfer | Pause, left: list[Event]) -> Event | None:
        if isinstance(step, Pause):
            self.pauses.append(step.seconds)
            self.now += step.seconds
            return None
        self.requests.append(step.request if isinstance(step, Transfer) else step)
        return left.pop(0)


@pytest.fixture
def driver() -> Driver:
    return Driver()


@pytest.fixture
def reply() -> Callable[..., Reply]:
    """Builds a JSON reply: `reply({"jobId": …}, status=202, retry_after="3")`."""

    def build(members: Any = None, status: int = 200, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Reply(status, {"content-type": "application/json", **named}, json.dumps(members or {}).encode())

    return build


@pytest.fixture
def lost() -> ServerUnavailable:
    return ServerUnavailable("The connection was lost.", answer_lost=True)


@pytest.fixture
def refused() -> ServerUnavailable:
    return ServerUnavailable("No server can be reached.")
