"""Re-seals every stored provider key and signing secret with the first ENCRYPTION_KEY, while the installation runs."""

from dataclasses import dataclass
from uuid import UUID

from loguru import logger

from app.accounts import recognised_by
from db import credentials, lane_settings, webhooks
from db.connection import Pool, transaction
from db.credentials import SealedKey
from db.crypto import CannotOpen, Sealer
from db.retry import UniqueViolation
from db.tables import Client

_BATCH = 100
_FIRST = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Rotated:
    """How many credentials and clients' secrets were sealed anew, were so already, and could not be opened with any
    configured key."""

    resealed: int
    current: int
    unreadable: int


async def rotate(pool: Pool, sealer: Sealer) -> Rotated:
    """Walk over all credentials; each one is its own small transaction, so that it may be stopped and run again."""
    counts = {"resealed": 0, "current": 0, "unreadable": 0}
    last = _FIRST
    while batch := await credentials.after(pool, last, _BATCH):
        for key in batch:
            counts[await _rotate_one(pool, sealer, key)] += 1
        last = batch[-1].id
    for client in await webhooks.with_secrets(pool):
        counts[await _rotate_webhooks(pool, sealer, client)] += 1
    return Rotated(**counts)


async def _rotate_webhooks(pool: Pool, sealer: Sealer, client: Client) -> str:
    """A client's signing secrets."""
    kept = (client.webhook_secret, client.webhook_secret_before)
    if all(sealed is None or sealer.is_current(sealed) for sealed in kept):
        return "current"
    try:
        secrets = [sealer.open(sealed, client.id) if sealed else None for sealed in kept]
    except CannotOpen:
        logger.bind(client_id=str(client.id)).error("no configured ENCRYPTION_KEY opens this client's signing secret")
        return "unreadable"
    resealed = [sealer.seal(secret, client.id) if secret else None for secret in secrets]
    return "resealed" if await webhooks.reseal(pool, client, *resealed) else "current"


async def _rotate_one(pool: Pool, sealer: Sealer, key: SealedKey) -> str:
    try:
        secret = sealer.open(key.sealed, key.id)
    except CannotOpen:
        logger.bind(credential_id=str(key.id)).error("no configured ENCRYPTION_KEY opens this credential")
        return "unreadable"
    await _recognise(pool, sealer, key, secret)
    if sealer.is_current(key.sealed):
        return "current"
    async with transaction(pool) as conn:
        await credentials.replace_sealed(conn, key.id, sealer.seal(secret, key.id), key.sealed)
    return "resealed"


async def _recognise(pool: Pool, sealer: Sealer, key: SealedKey, secret: str) -> None:
    """The lane gets the fingerprint that its key has under the first ENCRYPTION_KEY."""
    text = recognised_by(secret, key.project, key.location, key.output_uri)
    try:
        await lane_settings.recognise_by(pool, key.lane_id, sealer.fingerprint(text))
    except UniqueViolation:
        # A process without the old key has made a lane of its own for this key; both stay, new videos take that one.
        logger.bind(lane_id=str(key.lane_id)).warning("another lane already stands for this key")
