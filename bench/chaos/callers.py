"""Callers who do not give up: each create is sent, with the caller's own job id, until some API process accepts it."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from uuid import UUID

import httpx

from bench.chaos.orders import Order
from bench.chaos.stage import Stage, callers

_AT_ONCE = 24
_PAUSE_S = 0.3
_PATIENCE_S = 300.0


@dataclass
class Callers:
    """`accepted` are the ids that were answered 202; `refused` what was turned away for good, which must not be."""

    stage: Stage
    accepted: set[UUID] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    troubles: Counter[str] = field(default_factory=Counter)
    _errands: set["asyncio.Task[None]"] = field(default_factory=set)

    async def run(self, orders: Sequence[Order], over_s: float) -> None:
        """Send all orders, spread evenly over the time; returns when each is accepted and each wish to cancel told."""
        slots = asyncio.Semaphore(_AT_ONCE)
        started = time.monotonic()
        async with AsyncExitStack() as stack:
            clients = [await stack.enter_async_context(client) for client in callers(self.stage)]
            async with asyncio.TaskGroup() as group:
                for number, order in enumerate(orders):
                    pause_s = started + over_s * number / len(orders) - time.monotonic()
                    await asyncio.sleep(max(pause_s, 0))
                    await slots.acquire()
                    task = group.create_task(self._place(order, clients, number))
                    task.add_done_callback(lambda _: slots.release())
            await asyncio.gather(*self._errands)

    async def _place(self, order: Order, clients: Sequence[httpx.AsyncClient], number: int) -> None:
        repeats = 2 if order.twice else 1
        await asyncio.gather(*(self._create(order, clients, number + again) for again in range(repeats)))
        if order.cancel_after_s is not None:
            errand = asyncio.create_task(self._cancel(order, clients, order.cancel_after_s))
            self._errands.add(errand)
            errand.add_done_callback(self._errands.discard)

    async def _create(self, order: Order, clients: Sequence[httpx.AsyncClient], number: int) -> None:
        answer = await self._until_answered(clients, number, "/api/video/generate", order.body())
        if answer is not None and answer.status_code == 202 and answer.json()["jobId"] == str(order.job_id):
            self.accepted.add(order.job_id)
        else:
            told = "no answer in time" if answer is None else f"{answer.status_code} {answer.text[:200]}"
            self.refused.append(f"{order.job_id}: {told}")

    async def _cancel(self, order: Order, clients: Sequence[httpx.AsyncClient], after_s: float) -> None:
        await asyncio.sleep(after_s)
        await self._until_answered(clients, 0, f"/api/video/{order.job_id}/cancel?discard=true", {})

    async def _until_answered(
        self, clients: Sequence[httpx.AsyncClient], number: int, path: str, body: dict[str, object]
    ) -> httpx.Response | None:
        """Ask one process after the other; what is no answer, or asks to come again, is tried again."""
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            try:
                answer = await clients[number % len(clients)].post(path, json=body)
            except httpx.TransportError as error:
                self.troubles[type(error).__name__] += 1
            else:
                if answer.status_code < 500 and "retry-after" not in answer.headers:
                    return answer
                self.troubles[str(answer.status_code)] += 1
            number += 1
            await asyncio.sleep(_PAUSE_S)
        return None
