"""Sends due messages from every web process: a few at once for each address, each try on its own connection."""

import asyncio
import random
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from loguru import logger

from app.links import Links
from app.outbound.pinning import Pinner
from app.outbound.posting import NotPosted, post
from app.webhooks.bodies import body_of
from app.webhooks.signing import headers
from db import reads, webhooks
from db.connection import Pool
from db.crypto import CannotOpen, Sealer
from db.retry import CONTENDED, UNAVAILABLE
from db.states import JobState
from db.webhooks import Due, Failure, Room

_LOOK_EVERY_S = 1.0
_LOOK_AGAIN_S = 0.1
_AT_ONCE = 32
_AT_ONCE_EACH = 4
_PATIENCE_S = 15.0
_HOLD = timedelta(seconds=60)
_AGAIN_S = (5, 30, 120, 600, 1800, 3600, 7200, 14_400, 21_600, 36_000)
"""Pauses between tries: eleven of them over a little more than a day."""
_OFF_AFTER = timedelta(days=1)
_GONE = 410


@dataclass
class Sender:
    """`server_url` is how receivers reach this API, empty where PUBLIC_URL is unset: links are then paths."""

    pool: Pool
    sealer: Sealer
    links: Links
    server_url: str
    pinner: Pinner
    again_s: tuple[int, ...] = _AGAIN_S
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _busy: Counter[str] = field(default_factory=Counter)

    async def run(self) -> None:
        """Look for due messages once a second, until cancelled."""
        while True:
            found = await self.look()
            await asyncio.sleep(_LOOK_AGAIN_S if found else _LOOK_EVERY_S * random.uniform(0.9, 1.1))

    async def look(self) -> int:
        """Start sending what is due and has room; returns how many messages."""
        room = _AT_ONCE - len(self._tasks)
        if room <= 0:
            return 0
        full = [url for url, count in self._busy.items() if count >= _AT_ONCE_EACH]
        try:
            due = await webhooks.claim(self.pool, Room(room, _AT_ONCE_EACH, full), _HOLD)
        except (*UNAVAILABLE, *CONTENDED) as error:
            logger.warning("due webhooks could not be read", action="webhook", error=type(error).__name__)
            return 0
        for message in due:
            self._busy[message.url] += 1
            task = asyncio.create_task(self._send(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(due)

    async def settle(self) -> None:
        """Wait for the messages under way."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.settle()

    async def _send(self, due: Due) -> None:
        log = logger.bind(action="webhook", job_id=str(due.job_id), attempt=due.attempts)
        try:
            with suppress(*UNAVAILABLE, *CONTENDED):
                await self._try(due, log)
        except Exception:
            log.exception("sending a webhook broke")
        finally:
            self._busy[due.url] -= 1
            self._busy += Counter()

    async def _try(self, due: Due, log: Any) -> None:
        body = await self._body(due)
        if isinstance(body, str):
            await webhooks.drop(self.pool, due.id, body)
            return
        status, error = await self._post(due, body)
        if error is None and status is not None:
            await webhooks.delivered(self.pool, due.id, status)
            log.info("webhook delivered", status_code=status)
            return
        again = self._again(due.attempts)
        failure = Failure(error or "failed", status, None if status == _GONE else again, status == _GONE, _OFF_AFTER)
        if await webhooks.failed(self.pool, due.id, failure):
            log.error("a webhook endpoint was switched off: it failed for too long")
        log.info("webhook not delivered", status_code=status, error=error)

    async def _body(self, due: Due) -> bytes | str:
        """The body, or why there is none."""
        if due.secret is None:
            return "the client has no signing secret"
        job = await reads.job(self.pool, due.job_id, due.client_id)
        if job is None or job.row.state == JobState.DELETING:
            return "the video was deleted"
        return await body_of(due, job, self.links, self.server_url)

    async def _post(self, due: Due, body: bytes) -> tuple[int | None, str | None]:
        """The status, and what was wrong."""
        try:
            signed = headers(message_id(due.id), int(time.time()), body, self._secrets(due))
            status = await post(self.pinner, due.url, body, signed, _PATIENCE_S)
        except NotPosted as error:
            return None, str(error)
        except CannotOpen:
            return None, "no configured ENCRYPTION_KEY opens the signing secret"
        return status, None if 200 <= status < 300 else f"answered with HTTP status {status}"

    def _secrets(self, due: Due) -> list[str]:
        return [self.sealer.open(sealed, due.client_id) for sealed in (due.secret, due.secret_before) if sealed]

    def _again(self, attempts: int) -> timedelta | None:
        if attempts > len(self.again_s):
            return None
        return timedelta(seconds=self.again_s[attempts - 1] * random.uniform(0.9, 1.1))


def message_id(delivery_id: UUID) -> str:
    """The id under which the receiver knows it."""
    return f"msg_{delivery_id.hex}"
