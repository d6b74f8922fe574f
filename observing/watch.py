"""Looks again and again for what is wrong, and sees to it that an operator hears of its start and of its end, once.

Every process does so: what one of them has begun, ended or claimed to send, the others leave alone.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from loguru import logger

from db import alerts, retry
from db.alerts import Message
from db.connection import Pool
from observing import conditions
from observing.page import Limits
from observing.telling import Receivers

_EVERY_S = 2.0
_HOLD = timedelta(seconds=60)
_AGAIN_S = (5, 15, 60, 300)
_FORGET_EVERY = 1800
_KEPT = timedelta(days=30)


class Watch:
    """The loop of one process. `more` is what only the API can judge (`conditions.OF_THE_API`), None elsewhere."""

    def __init__(
        self,
        pool: Pool,
        limits: Limits,
        receivers: Receivers,
        more: Callable[[], Awaitable[dict[str, str]]] | None = None,
    ) -> None:
        self._pool = pool
        self._limits = limits
        self._receivers = receivers
        self._more = more
        self._unbroken_since: float | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """A round every two seconds until `stop`."""
        turn = 0
        while not stop.is_set():
            turn += 1
            await self.run_once()
            if turn % _FORGET_EVERY == 0:
                with suppress(*retry.UNAVAILABLE, *retry.CONTENDED):
                    await alerts.forget(self._pool, _KEPT)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _EVERY_S * random.uniform(0.8, 1.2))

    async def run_once(self) -> None:
        """Look, note what began and what is over, send what is due."""
        try:
            await self._look()
            if self._receivers.names:
                for message in await alerts.claim(self._pool, _HOLD):
                    await self._send(message)
        except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
            self._unbroken_since = None
            logger.debug("alerts could not be looked at", action="alert", error=type(error).__name__)
        except Exception:  # noqa: BLE001 - the loop's top: a process that no longer looks would be silent for ever
            logger.exception("looking for alerts broke")

    async def _look(self) -> None:
        found, judged = await conditions.seen(self._pool, self._limits), set(conditions.OF_ALL)
        if not self._may_judge():
            judged.discard("no_worker")
            found.pop("no_worker", None)
        if self._more is not None:
            found |= await self._more()
            judged.update(conditions.OF_THE_API)
        if found:
            await retry.contended(lambda: alerts.begin(self._pool, found))
        await retry.contended(lambda: alerts.end(self._pool, sorted(judged), list(found)))

    def _may_judge(self) -> bool:
        """Who had no Postgres for a while itself cannot tell a dead worker from one that had none either."""
        self._unbroken_since = self._unbroken_since or time.monotonic()
        return time.monotonic() - self._unbroken_since >= self._limits.lease.total_seconds()

    async def _send(self, message: Message) -> None:
        alert, is_over = message.alert, message.phase == "end"
        heard = await self._receivers.tell(f"{'Over' if is_over else 'Reelwork'}: {alert.text}", alert.heard)
        if heard >= set(self._receivers.names):
            await alerts.told(self._pool, message)
            logger.log("INFO" if is_over else "WARNING", "alert " + message.phase, action="alert", name=alert.key)
            return
        pause_s = _AGAIN_S[min(alert.attempts, len(_AGAIN_S)) - 1]
        await alerts.missed(self._pool, message, sorted(heard), timedelta(seconds=pause_s))
