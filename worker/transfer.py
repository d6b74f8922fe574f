"""From the provider to a local file: hashed, counted and bounded on the way, memory flat whatever the size."""

import asyncio
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from providers.base import Download

_BLOCK_BYTES = 1024 * 1024
_NOT_VIDEO = ("text/", "image/", "application/json", "application/xml")


class TransferError(Exception):
    """The bytes that came are not worth keeping; `code` says why, `final` that another try would bring the same."""

    def __init__(self, code: str, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.final = final


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole file on disk. `size` in bytes, `sha256` in hex."""

    path: Path
    size: int
    sha256: str
    content_type: str


async def fetch(download: Download, path: Path, most_bytes: int) -> Fetched:
    """Write the stream to `path`. Raises TransferError for what is too large, too short or plainly no video, OSError
    where the disk refuses."""
    content_type = (download.content_type or "video/mp4").partition(";")[0].strip().lower()
    if content_type.startswith(_NOT_VIDEO):
        raise TransferError("not_a_video", f"the provider sent {content_type} instead of a video")
    if download.length is not None and download.length > most_bytes:
        raise _too_large(download.length, most_bytes)
    sink = _Sink(path)
    try:
        await sink.take_all(download, most_bytes)
    finally:
        await asyncio.to_thread(sink.close)
    if download.length is not None and sink.size != download.length:
        raise TransferError("cut_short", f"{sink.size} of {download.length} bytes came")
    if sink.size == 0:
        raise TransferError("not_a_video", "the provider sent an empty file")
    return Fetched(path, sink.size, sink.digest.hexdigest(), content_type)


class _Sink:
    """Collects chunks into blocks; hashing and writing happen off the event loop."""

    def __init__(self, path: Path) -> None:
        self.digest = sha256()
        self.size = 0
        self._path = path
        self._file: BinaryIO | None = None
        self._block = bytearray()

    async def take_all(self, download: Download, most_bytes: int) -> None:
        async for chunk in download.chunks:
            self._block += chunk
            if self.size + len(self._block) > most_bytes:
                raise _too_large(self.size + len(self._block), most_bytes)
            if len(self._block) >= _BLOCK_BYTES:
                await self._flush()
        await self._flush()

    async def _flush(self) -> None:
        block, self._block = self._block, bytearray()
        self.size += len(block)
        await asyncio.to_thread(self._write, block)

    def _write(self, block: bytearray) -> None:
        if self._file is None:
            self._file = self._path.open("wb")
        self.digest.update(block)
        self._file.write(block)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _too_large(size: int, most_bytes: int) -> TransferError:
    return TransferError("too_large", f"{size} bytes are more than MAX_VIDEO_BYTES ({most_bytes})", final=True)
