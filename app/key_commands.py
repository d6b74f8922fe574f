"""The commands of `python -m app.keys` that need the database."""

import asyncio
import sys
from collections.abc import Coroutine
from dataclasses import dataclass

from app import policy_from
from app.api_keys import issue
from app.rotation import rotate
from app.scopes import Scope
from config.logs import configure_logs, register_secrets
from config.settings import Settings, load_settings_or_exit
from db import clients
from db.connection import open_pool
from db.crypto import Sealer
from db.retry import CONTENDED, UNAVAILABLE


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key to make: for a client by name, who is made if new."""

    client: str
    name: str
    scopes: tuple[Scope, ...]


def create(wanted: Wanted) -> int:
    """Print a new key, which cannot be seen again. 0, or 1 with a sentence on stderr."""
    return _run(_create(_settings(), wanted))


def rotate_all() -> int:
    """Seal all credentials with the first key. 0; 1 where some can no longer be opened or the database is away."""
    return _run(_rotate(_settings()))


def _settings() -> Settings:
    settings = load_settings_or_exit("web")
    register_secrets(settings.secret_values())
    configure_logs("warn", "text", stream=sys.stderr)
    return settings


def _run(work: Coroutine[None, None, int]) -> int:
    try:
        return asyncio.run(work)
    except (*UNAVAILABLE, *CONTENDED) as error:
        sys.stderr.write(f"the database at DATABASE_URL does not answer ({type(error).__name__})\n")
        return 1


async def _create(settings: Settings, wanted: Wanted) -> int:
    async with open_pool(policy_from.database_of(settings), 1) as pool:
        owner = await clients.named(pool, wanted.client) or await clients.make(pool, wanted.client)
        if owner is None:
            sys.stderr.write("the client was made by somebody else at this moment; run it again\n")
            return 1
        issued = await issue(pool, owner.id, wanted.name, wanted.scopes)
    sys.stdout.write(issued.key + "\n")
    return 0


async def _rotate(settings: Settings) -> int:
    async with open_pool(policy_from.database_of(settings), 2) as pool:
        done = await rotate(pool, Sealer(settings.encryption_keys))
    sys.stdout.write(f"sealed anew: {done.resealed}, already so: {done.current}, unreadable: {done.unreadable}\n")
    return 1 if done.unreadable else 0
