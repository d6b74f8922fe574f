"""Carries orders out, one by one; what is there already stays as it is, so that a second run changes nothing."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from time import sleep
from typing import Literal, TypeVar

from reelwork.bullmq.orders import Order
from reelwork.client import Reelwork
from reelwork.client.errors import Forbidden, NotFound, RateLimited, ReelworkError, Unauthorized

Result = Literal["would be created", "would be adopted", "created", "adopted", "already here", "refused", "left alone"]
T = TypeVar("T")

_PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an order; `why` is the server's sentence where it refused."""

    order: Order
    result: Result
    why: str | None = None


def carry_out(client: Reelwork, orders: Iterable[Order], *, is_real: bool) -> Iterator[Outcome]:
    """An outcome for each. Raises ReelworkError only for what would meet every other order too: no server, no key."""
    for order in orders:
        if order.action == "skip":
            yield Outcome(order, "left alone", order.why)
            continue
        try:
            yield _carried(client, order, is_real=is_real)
        except (Unauthorized, Forbidden):
            raise
        except ReelworkError as error:
            if error.status is None:
                raise
            yield Outcome(order, "refused", str(error))


def _carried(client: Reelwork, order: Order, *, is_real: bool) -> Outcome:
    try:
        found = _patiently(lambda: client.get(order.job_id))
    except NotFound:
        return _new(client, order) if is_real else _meant(order)
    return Outcome(order, "already here", found.status)


def _meant(order: Order) -> Outcome:
    return Outcome(order, "would be adopted" if order.action == "adopt" else "would be created", order.why)


def _new(client: Reelwork, order: Order) -> Outcome:
    request, key, provider_job_id = order.request, order.provider_key, order.provider_job_id
    assert request is not None
    if provider_job_id is not None:
        _patiently(lambda: client.take_over(request, provider_job_id, provider_key=key))
        return Outcome(order, "adopted")
    _patiently(lambda: client.submit(request, provider_key=key))
    return Outcome(order, "created", order.why)


def _patiently(ask: Callable[[], T]) -> T:
    """The answer; a server that is asked too often is asked again when it says so."""
    while True:
        try:
            return ask()
        except RateLimited as error:
            sleep(error.retry_after or _PATIENCE_S)
