"""Answers that carry a whole video, or echo whole uploads, inside their JSON: asked without holding, or streamed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from providers.answers import Answer, as_table
from providers.base import Download
from providers.errors import Gone, TryLater
from providers.http import BROKEN, Request, Wire, beginning, lower
from providers.long_strings import Base64Stream, LongStrings
from providers.verdicts import question_refused

KEPT_CAP_BYTES = 8 * 1024 * 1024
"""How much of an answer may be left once its long strings are cut."""


async def ask_trimmed(wire: Wire, base_url: str, request: Request) -> tuple[Answer, dict[str, object]]:
    """The answer, without a body where it is 2xx, and its JSON object with long strings cut and numbered.

    Raises TryLater where no whole JSON came; a refusal has an empty object and its body.
    """
    async with wire.asked(base_url, request) as response:
        headers = lower(response.headers)
        if response.status_code >= 300:
            return await beginning(response), {}
        document = LongStrings()
        async for chunk in response.aiter_bytes():
            document.feed(chunk)
            if document.kept_bytes > KEPT_CAP_BYTES:
                break
    try:
        return Answer(response.status_code, headers, b""), as_table(document.parsed())
    except ValueError as error:
        raise _unreadable() from error


@asynccontextmanager
async def open_inline(
    wire: Wire, base_url: str, request: Request, number: int, *secrets: str
) -> AsyncIterator[Download]:
    """The base64 in the answer's long string of this number as a transfer of the bytes it stands for."""
    wire.trust(base_url)
    async with wire.opened(request) as response:
        if response.status_code != 200:
            raise question_refused(await beginning(response), *secrets)
        yield Download("video/mp4", None, _decoded(response, number))


async def _decoded(response: httpx.Response, number: int) -> AsyncIterator[bytes]:
    document, base64, found = LongStrings(number), Base64Stream(), False
    try:
        async for chunk in response.aiter_bytes():
            piece = base64.decode(document.feed(chunk))
            if piece:
                found = True
                yield piece
        last = base64.finish()
    except ValueError as error:
        raise _unreadable() from error
    except BROKEN as error:
        raise TryLater("cut_transfer", f"The transfer broke ({type(error).__name__}).", whole_lane=False) from error
    if last:
        yield last
    if not found:
        raise Gone("asset_expired", "The answer no longer holds the video.")


def _unreadable() -> TryLater:
    return TryLater("unreadable_answer", "The provider's answer is not complete JSON.", whole_lane=False)
