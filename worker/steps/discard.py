"""After ours is checked, the provider's copy goes; that it could not be removed is no trouble of the job."""

import asyncio
from typing import Any

from providers.base import Account, Provider, RemoteVideo
from providers.errors import ProviderError

_PATIENCE_S = 10.0


async def discard_provider_copy(provider: Provider, account: Account, video: RemoteVideo, log: Any) -> None:
    """Ask once, within ten seconds."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await provider.delete(account, video)
    except (ProviderError, TimeoutError) as error:
        log.warning("the provider's copy was not removed", error=type(error).__name__)
