"""What a worker holds in its hands, with the database real and everything else still."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from config.settings import load_settings
from db.connection import Pool
from db.crypto import Sealer
from observing.meters import Meters
from tests.integration.lives.book import Book
from worker.facts import Facts
from worker.policy_from import policies_of
from worker.tools import Tools
from worker.watch import Watch, Watched

SETTINGS = load_settings(
    {
        "DATABASE_URL": "postgresql://127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "ENCRYPTION_KEY": "00" * 32,
        "STORAGE_URL": "file:///nonexistent",
        "LANE_RATE_PER_MINUTE": "0",
        "LANE_MAX_IN_FLIGHT": "0",
    },
    role="worker",
)


class Silence:
    """Channels and bells that nobody hears."""

    async def changed(self, job_id: UUID, **news: Any) -> None: ...

    async def ring(self, lanes: list[UUID]) -> None: ...


@dataclass
class OneLook:
    """A hub that has just heard what the provider shows."""

    book: Book

    @contextmanager
    def watching(self, video: Watched) -> Iterator[Watch]:
        watch = Watch(video)
        watch.tell(self.book.shown(video.provider_id))
        yield watch


def tools_of(worker: UUID, pool: Pool, book: Book) -> Tools:
    """A worker process's tools; nothing is sent, fetched or stored."""
    parts: dict[str, Any] = {
        "pool": pool,
        "me": SimpleNamespace(id=worker),
        "policies": policies_of(SETTINGS),
        "providers": {book.kind: book},
        "sealer": Sealer(SETTINGS.encryption_keys),
        "channels": Silence(),
        "tickets": Silence(),
        "hub": OneLook(book),
        "facts": Facts(),
        "meters": Meters(),
        "poke": lambda lane_id: None,
    }
    return Tools(**{part.name: parts.get(part.name) for part in fields(Tools)})
