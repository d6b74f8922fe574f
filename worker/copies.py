"""After ours is checked, the provider's copy goes: from the rows, so that no crash leaves one behind for ever."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from loguru import logger

from db import copies, retry
from db.connection import Pool
from db.copies import Copy
from db.crypto import CannotOpen, Sealer
from providers.base import Provider
from providers.errors import ProviderError
from worker.lease import Incarnation
from worker.policies import Policies
from worker.translate import account_of, finished_video

_EVERY_S = 2.0
_BATCH = 20
_PATIENCE_S = 10.0


class Copies:
    """Removes what is due; what a provider does not let go of is tried again, less and less often, for a week."""

    def __init__(
        self, pool: Pool, me: Incarnation, policies: Policies, providers: Mapping[str, Provider], sealer: Sealer
    ) -> None:
        self._pool = pool
        self._me = me
        self._policies = policies
        self._providers = providers
        self._sealer = sealer

    async def run(self, stop: asyncio.Event) -> None:
        """A batch every two seconds until `stop`, and the next at once while there are more."""
        while not stop.is_set():
            if await self.run_once() < _BATCH:
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _EVERY_S)

    async def run_once(self) -> int:
        """One batch; returns how many copies were asked for."""
        if self._policies.starts_paused or self._me.draining or not self._me.holds():
            return 0
        try:
            due = await copies.take(self._pool, _BATCH)
            await asyncio.gather(*(self._remove(copy) for copy in due))
        except (*retry.UNAVAILABLE, *retry.CONTENDED) as error:
            logger.warning("providers' copies were not looked at", action="discard", error=type(error).__name__)
            return 0
        return len(due)

    async def _remove(self, copy: Copy) -> None:
        log = logger.bind(job_id=str(copy.id), provider=copy.kind, action="discard")
        try:
            account = account_of(copy, self._sealer.open(copy.sealed, copy.credential_id))
            async with asyncio.timeout(_PATIENCE_S):
                await self._providers[copy.kind].delete(account, finished_video(copy))
        except (ProviderError, CannotOpen, TimeoutError) as error:
            log.warning("the provider's copy was not removed", error=type(error).__name__)
            if not copy.is_hopeless:
                return
        await copies.gone(self._pool, copy.id)
