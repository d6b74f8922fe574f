"""Answers that carry a whole video, or echo whole uploads, inside their JSON: asked without holding, or streamed."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from providers.answers import Answer, as_table
from providers.base import Download
from providers.decoding import plain_chunks
from providers.errors import Gone, TryLater
from providers.http import BROKEN, Request, Wire, beginning, lower
from providers.long_strings import Base64Stream, LongStrings, Picks
from providers.verdicts import question_refused

KEPT_CAP_BYTES = 8 * 1024 * 1024
"""How much of an answer may be left once its long strings are cut."""


@dataclass(frozen=True, slots=True)
class Trimmed:
    """An answer's JSON object with its long strings cut; a refusal has an empty one and keeps its body.

    `has_picked` is True where the string that was looked for has begun: nothing after it was read, `table` is empty.
    """

    answer: Answer
    table: dict[str, object]
    has_picked: bool = False


async def ask_trimmed(wire: Wire, base_url: str, request: Request, picks: Picks | None = None) -> Trimmed:
    """Ask, and read no further than to the long string that `picks` chooses; TryLater where no whole JSON came."""
    async with wire.asked(base_url, request) as response:
        answer = Answer(response.status_code, lower(response.headers), b"")
        if not answer.is_success:
            return Trimmed(await beginning(response), {})
        document = LongStrings(picks)
        async for chunk in plain_chunks(response):
            if document.feed(chunk):
                return Trimmed(answer, {}, has_picked=True)
            if document.kept_bytes > KEPT_CAP_BYTES:
                break
    try:
        return Trimmed(answer, as_table(document.parsed()))
    except (ValueError, RecursionError) as error:
        raise _unreadable() from error


@asynccontextmanager
async def open_inline(
    wire: Wire, base_url: str, request: Request, picks: Picks, *secrets: str
) -> AsyncIterator[Download]:
    """The base64 in the answer's long string that `picks` chooses, as a transfer of the bytes it stands for."""
    wire.trust(base_url)
    async with wire.opened(request) as response:
        if response.status_code != 200:
            raise question_refused(await beginning(response), *secrets)
        yield Download("video/mp4", None, _decoded(response, picks))


async def _decoded(response: httpx.Response, picks: Picks) -> AsyncIterator[bytes]:
    document, base64, found = LongStrings(picks), Base64Stream(), False
    try:
        async for chunk in plain_chunks(response):
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
