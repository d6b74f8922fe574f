"""One unfinished row of a restored dump: finished in storage, known to its provider, or in doubt."""

import asyncio
import hashlib
from datetime import UTC, datetime
from uuid import UUID

from app.deps import Deps
from app.resolving import account_of
from app.restore.report import Fate
from db import credentials, restoring
from db.crypto import CannotOpen
from db.restoring import Found, Unfinished
from db.states import JobState
from providers.base import Account, RemoteStatus, RemoteVideo
from providers.errors import Gone, ProviderError
from storage import keys
from storage.base import StoredObject

_PATIENCE_S = 15.0
_ATTEMPTS_MOST = 3
_QUEUED = "it was queued in the restored dump; whether it was submitted since then is not known"
_SUBMITTING = "it was being submitted in the restored dump; what became of that is not known"
_FAILED = "its attempt has failed at the provider; whether another one was made since the dump is not known"


async def settle(deps: Deps, row: Unfinished, at: datetime, *, dry: bool) -> Fate:
    """Move one row to where it really is; REVIEW where that may be looked for in the provider's listing."""
    video = await _stored(deps, row)
    if video is not None:
        done = dry or await restoring.found(deps.pool, row, video)
        return Fate.STORED if done else Fate.MOVED
    if row.state == JobState.GENERATING:
        return await _at_provider(deps, row, at, dry=dry)
    fate = _as_it_stands(row)
    if fate is None:
        message = _QUEUED if row.state == JobState.QUEUED else _SUBMITTING
        done = dry or await restoring.review(deps.pool, row, message, row.created_at, next_attempt=False)
        fate = Fate.REVIEW if done else Fate.MOVED
    return fate


def _as_it_stands(row: Unfinished) -> Fate | None:
    """Of a row that is left alone; None where it may have been submitted since the dump."""
    if row.state == JobState.COLLECTING:
        return Fate.COLLECTING
    if row.state == JobState.NEEDS_REVIEW:
        return Fate.REVIEW if row.error_code == restoring.CODE else Fate.IN_REVIEW
    is_later = row.run_at is not None and row.run_at > datetime.now(UTC)
    return Fate.SCHEDULED if row.state == JobState.QUEUED and is_later else None


async def account(deps: Deps, credential_id: UUID) -> Account:
    """The account that a row is pinned to. Raises CannotOpen."""
    return account_of(await credentials.opened(deps.pool, deps.sealer, credential_id))


async def _stored(deps: Deps, row: Unfinished) -> Found | None:
    """The newest finished video under the row's name, of the attempt it knows or a later one."""
    files = {stored.key: stored async for stored in deps.storage.list(keys.job_prefix(row.id))}
    attempts = [keys.parse(key).attempt for key in files if key.endswith(keys.VIDEO)]
    newest = max((attempt for attempt in attempts if attempt >= row.attempt), default=None)
    if newest is None:
        return None
    video_key, poster_key = keys.video_key(row.id, newest), keys.poster_key(row.id, newest)
    video = files[video_key]
    sha256 = await _sha256(deps, video)
    return Found(newest, video_key, poster_key if poster_key in files else None, video.size, sha256, video.modified_at)


async def _sha256(deps: Deps, video: StoredObject) -> str:
    """What storage remembers of it, else what its bytes give."""
    known = await deps.storage.head(video.key)
    if known is not None and known.sha256:
        return known.sha256
    digest = hashlib.sha256()
    async with deps.storage.open(video.key) as chunks:
        async for chunk in chunks:
            digest.update(chunk)
    return digest.hexdigest()


async def _at_provider(deps: Deps, row: Unfinished, at: datetime, *, dry: bool) -> Fate:
    """Only a failure that is tried again by itself may hide a later attempt; all else its worker can go on with."""
    if row.provider_job_id is None:
        return Fate.RUNNING
    try:
        pinned = await account(deps, row.credential_id)
        async with asyncio.timeout(_PATIENCE_S):
            video = await deps.providers[row.kind].poll(pinned, row.provider_job_id, row.model)
    except Gone:
        return Fate.RUNNING
    except (ProviderError, TimeoutError, CannotOpen):
        return Fate.UNANSWERED
    if not _is_tried_again(deps, row, pinned, video):
        return Fate.RUNNING
    done = dry or await restoring.review(deps.pool, row, _FAILED, at, next_attempt=True)
    return Fate.REVIEW if done else Fate.MOVED


def _is_tried_again(deps: Deps, row: Unfinished, pinned: Account, video: RemoteVideo) -> bool:
    free = deps.providers[row.kind].abilities(pinned).failed_is_free if video.charged is None else not video.charged
    return video.status == RemoteStatus.FAILED and free and not video.moderated and row.attempt < _ATTEMPTS_MOST
