"""Bodies of answers as plain bytes, in pieces of a bounded size however far a compressed one swells."""

import asyncio
import zlib
from collections.abc import AsyncIterator

import httpx

PIECE_BYTES = 256 * 1024
_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


async def plain_chunks(response: httpx.Response) -> AsyncIterator[bytes]:
    """The body of a streamed answer. We ask for none, but some servers compress all the same.

    Raises httpx.DecodingError for what is not what it says, or says what we do not read.
    """
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        async for chunk in response.aiter_raw():
            yield chunk
        return
    if encoding not in _WINDOWS:
        raise httpx.DecodingError("an encoding that was not asked for")
    inflating = zlib.decompressobj(_WINDOWS[encoding])
    async for chunk in response.aiter_raw():
        while chunk and not inflating.eof:
            yield _inflated(inflating, chunk)
            chunk = inflating.unconsumed_tail
            await asyncio.sleep(0)
    if not inflating.eof:
        raise httpx.DecodingError("a compressed body without its end")


def _inflated(inflating: "zlib._Decompress", chunk: bytes) -> bytes:
    try:
        return inflating.decompress(chunk, PIECE_BYTES)
    except zlib.error as error:
        raise httpx.DecodingError("not what its encoding says") from error
