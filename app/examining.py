"""The doctor's questions, one function each: what it looked at, whether it is well, and what to do where it is not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.accounts import Account as ServerAccount
from app.deps import Deps
from app.resolving import account_of
from db import history, installation
from db.retry import CONTENDED, UNAVAILABLE
from providers import kinds
from providers.errors import CredentialRefused, ProviderError
from storage.base import StorageError

Verdict = Literal["ok", "warning", "failed"]
_SOON = timedelta(days=60)
_PATIENCE_S = 15.0
_KEYS_LOOKED_AT = 10_000


@dataclass(frozen=True, slots=True)
class Finding:
    """`about` is what was looked at; `text` what was found, without any secret."""

    about: str
    verdict: Verdict
    text: str


async def examine(deps: Deps, redis: Redis) -> AsyncIterator[Finding]:
    """Everything in turn; what is away is a finding and no error."""
    yield await postgres(deps)
    yield await redis_server(deps, redis)
    yield await storage(deps)
    yield await newest(deps)
    for account in deps.accounts.own.values():
        yield await key(deps, account)
    if not deps.accounts.own:
        yield Finding("keys", "warning", "the server has no provider key of its own: calls must bring one")
    for finding in retirements(deps, datetime.now(UTC)):
        yield finding
    yield budget(deps)


async def postgres(deps: Deps) -> Finding:
    """Reachable, and at the migration that this release needs."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            found = await installation.revision(deps.pool)
    except (*UNAVAILABLE, *CONTENDED) as error:
        return Finding("postgres", "failed", f"does not answer at DATABASE_URL ({type(error).__name__})")
    if found != deps.policy.revision:
        return Finding("postgres", "failed", f"is at migration {found or 'none'}: run python -m db.migrate")
    return Finding("postgres", "ok", f"answers, at migration {found}")


async def redis_server(deps: Deps, redis: Redis) -> Finding:
    """Reachable, and not shared with another installation that would eat our tickets."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            others = await _others(deps, redis)
    except (RedisError, OSError, TimeoutError) as error:
        return Finding("redis", "failed", f"does not answer at REDIS_URL ({type(error).__name__})")
    if others:
        text = "is shared with another installation: give each its own QUEUE_NAME, or another database number"
        return Finding("redis", "warning", text)
    return Finding("redis", "ok", "answers")


async def storage(deps: Deps) -> Finding:
    """A write, a read and a delete work."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await deps.storage.check()
    except (StorageError, TimeoutError) as error:
        return Finding("storage", "failed", f"STORAGE_URL: {error or 'does not answer in time'}")
    return Finding("storage", "ok", "takes, shows and removes a file")


async def newest(deps: Deps) -> Finding:
    """The database is not an older state of itself than storage remembers."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            row = await history.keep(deps.pool, deps.storage)
    except (*UNAVAILABLE, *CONTENDED, StorageError, LookupError) as error:
        return Finding("history", "warning", f"could not be compared with storage ({type(error).__name__})")
    if row.restored_at is not None:
        return Finding("history", "failed", history.advice(row))
    return Finding("history", "ok", "the database is the newest that storage knows of")


async def key(deps: Deps, account: ServerAccount) -> Finding:
    """The server's own key of a kind is accepted; a call that costs nothing."""
    name = kinds.short(account.kind) + (f" ({account.server})" if account.server else "")
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await deps.providers[account.kind].check(account_of(account))
    except CredentialRefused as error:
        return Finding(f"key {name}", "failed", f"is refused: {error.message}")
    except (ProviderError, TimeoutError) as error:
        return Finding(f"key {name}", "warning", f"could not be checked: {error or 'no answer in time'}")
    return Finding(f"key {name}", "ok", "is accepted")


def retirements(deps: Deps, now: datetime) -> list[Finding]:
    """Models that can be called today and end, or may end, within sixty days."""
    soon = (now + _SOON).date()
    ending: dict[str, list[str]] = {}
    for offer in deps.catalogue.offers(deps.accounts.base_urls, now):
        model, ends = offer.model, offer.model.retires_at(offer.host)
        if offer.reason is not None or (model.kind, model.server) not in deps.accounts.own:
            continue
        if ends is not None and ends <= soon:
            ending.setdefault(f"{offer.host} retires them on {ends}", []).append(model.name)
        elif ends is None and model.may_retire_from is not None and model.may_retire_from <= soon:
            text = f"their provider may retire them any day from {model.may_retire_from}"
            ending.setdefault(text, []).append(model.name)
    advice = "MODEL_SUCCESSORS names what takes their place"
    return [Finding(f"models {', '.join(names)}", "warning", f"{text}; {advice}") for text, names in ending.items()]


def budget(deps: Deps) -> Finding:
    if deps.policy.budget_micros is None:
        return Finding("budget", "warning", "no limit: set BUDGET_USD_PER_DAY")
    return Finding("budget", "ok", f"{deps.policy.budget_micros / 1_000_000:.2f} USD a day")


async def _others(deps: Deps, redis: Redis) -> set[UUID]:
    """Installations other than ours whose keys lie in this Redis."""
    ours: UUID | None = None
    with suppress(*UNAVAILABLE, *CONTENDED, LookupError):
        ours = await installation.installation_id(deps.pool)
    found: set[UUID] = set()
    looked_at = 0
    async for name in redis.scan_iter(match="rw:*", count=1000):
        text = name.decode() if isinstance(name, bytes) else str(name)
        with suppress(ValueError, IndexError):
            found.add(UUID(text.split(":")[1]))
        looked_at += 1
        if looked_at >= _KEYS_LOOKED_AT:
            break
    return found - {ours} if ours else set()
