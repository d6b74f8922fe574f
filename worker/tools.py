"""What the steps of a video work with: made once at start, passed on, never global."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from db import work
from db.connection import Pool
from db.crypto import Sealer
from db.work import WorkItem
from jobqueue.channels import Channels
from jobqueue.tickets import Tickets
from media.inspector import Inspector
from observing.meters import Meters
from providers.base import Account, Provider
from storage.base import Storage
from worker.facts import Facts
from worker.hub import PollHub
from worker.lease import Incarnation
from worker.policies import Policies
from worker.progress import ProgressBook
from worker.scratch import Scratch
from worker.translate import account_of


@dataclass
class Tools:
    """`poke` says that a lane may have room again; `transfers` bounds downloads and uploads at once."""

    pool: Pool
    me: Incarnation
    policies: Policies
    providers: Mapping[str, Provider]
    storage: Storage
    scratch: Scratch
    inspector: Inspector
    sealer: Sealer
    channels: Channels
    tickets: Tickets
    hub: PollHub
    progress: ProgressBook
    facts: Facts
    meters: Meters
    transfers: asyncio.Semaphore
    poke: Callable[[UUID], None]

    def provider(self, item: WorkItem) -> Provider:
        return self.providers[item.kind]

    def account(self, item: WorkItem) -> Account:
        """The account that the job is pinned to, with its key opened. Raises CannotOpen."""
        return account_of(item, self.sealer.open(item.sealed, item.credential_id))

    async def reread(self, item: WorkItem) -> WorkItem | None:
        """The row as it is now, None where it is no longer held under the same epoch."""
        found = await work.items(self.pool, [item.id], self.me.id)
        return found[0] if found and found[0].epoch == item.epoch else None
