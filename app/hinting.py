"""What a provider's webhook hints at, and what follows: its owner asks the provider, at once instead of later.

A webhook is a hint and no verdict. Where it names a submission of ours whose answer was lost, the provider is asked
for that very video, with the key that submitted, before its id is written down.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from loguru import logger

from app.deps import Deps
from app.problems import unavailable
from app.resolving import account_of
from db import credentials, labels
from db.crypto import CannotOpen
from db.labels import Named
from db.retry import UniqueViolation, contended
from providers.answers import as_table, as_text
from providers.errors import CredentialRefused, Gone, ProviderError, Rejected

_PATIENCE_S = 8.0
_TEXT_MOST = 512


@dataclass(frozen=True, slots=True)
class Hint:
    """The provider's id of a video, and the label of the submission it came from where the webhook brings it back."""

    provider_id: str
    label: str | None = None


def hint_in(told: Mapping[str, Any]) -> Hint | None:
    """What the event names; None where it is about nothing of ours."""
    data = as_table(told.get("data"))
    metadata = as_table(told.get("user_metadata")) or as_table(data.get("user_metadata"))
    provider_id, label = _name(data.get("id")), _name(metadata.get("submission"))
    return Hint(provider_id, label) if provider_id else None


async def follow(deps: Deps, kind: str, hint: Hint) -> None:
    """Wake the owner of the video, or bring a lost submission its id. What is not known is passed over."""
    found = await labels.waiting_for(deps.pool, kind, hint.provider_id)
    if found is None and hint.label is not None and await _named(deps, kind, hint.provider_id, hint.label):
        found = await labels.waiting_for(deps.pool, kind, hint.provider_id)
    if found is not None:
        await deps.bell.hint(found)


async def _named(deps: Deps, kind: str, provider_id: str, label: str) -> bool:
    """Whether the label's submission had no id and has this one now."""
    lost = await labels.unnamed(deps.pool, kind, label)
    if lost is None or not await _is_shown(deps, kind, provider_id, lost.credential_id, lost.model):
        return False
    patience = deps.policy.stall.generation_timeout
    try:
        came_to = await contended(lambda: labels.named(deps.pool, label, provider_id, patience))
    except UniqueViolation:
        logger.warning("a webhook's id is another video's already", action="webhook", provider=kind)
        return False
    await _tell(deps, lost.job_id, came_to)
    return True


async def _tell(deps: Deps, job_id: UUID, came_to: Named) -> None:
    log = logger.bind(job_id=str(job_id), action="webhook")
    if came_to is Named.UNUSED:
        log.error("a video was paid for that nothing waits for any more", code="paid_unused")
    else:
        log.info("a webhook named a submission whose answer was lost", outcome=came_to.value)
    await deps.bell.look_at(job_id)


async def _is_shown(deps: Deps, kind: str, provider_id: str, credential_id: UUID, model: str) -> bool:
    """Whether the provider shows this video to the key that submitted."""
    try:
        account = await credentials.opened(deps.pool, deps.sealer, credential_id)
        async with asyncio.timeout(_PATIENCE_S):
            await deps.providers[kind].poll(account_of(account), provider_id, model)
    except (Gone, Rejected, CredentialRefused, CannotOpen):
        return False
    except (ProviderError, TimeoutError) as error:
        raise unavailable("The provider does not answer at the moment; send it again", retry_after_s=10) from error
    return True


def _name(value: object) -> str | None:
    name = as_text(value)
    return name if name and len(name) <= _TEXT_MOST and name.isprintable() else None
