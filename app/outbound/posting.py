"""Posts a message to an address that a caller names: pinned, no redirect, the answer's body unread."""

import asyncio
from collections.abc import Mapping

import httpx

from app.outbound.pinning import BadAddress, Pinner


class NotPosted(Exception):
    """No answer came; the text says why and holds nothing of what was found at the address."""


async def post(pinner: Pinner, url: str, body: bytes, headers: Mapping[str, str], patience_s: float) -> int:
    """The status of the answer. Raises NotPosted."""
    try:
        pinned = await pinner.pin(url)
        sent = {"Host": pinned.host_header, "Content-Type": "application/json", "User-Agent": "Reelwork", **headers}
        async with (
            asyncio.timeout(patience_s),
            httpx.AsyncClient(trust_env=False, timeout=patience_s) as client,
            client.stream("POST", pinned.url, content=body, headers=sent, extensions=pinned.extensions) as answer,
        ):
            return answer.status_code
    except BadAddress as error:
        raise NotPosted(f"the address {error}") from None
    except TimeoutError:
        raise NotPosted("no answer in time") from None
    except httpx.HTTPError as error:
        raise NotPosted(f"no answer: {type(error).__name__}") from None
