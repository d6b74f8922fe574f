"""A file in the making, beside its final place: it takes that place when whole, or leaves nothing behind."""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class PartFile:
    """Takes the pieces of a download (a Sink). `received` and `total` are bytes, `total` None while unknown."""

    def __init__(self, target: Path, on_bytes: Callable[[int, int | None], None] | None = None) -> None:
        self.target = target
        self.received = 0
        self.total: int | None = None
        self.is_whole = False
        self._on_bytes = on_bytes
        self._etag: str | None = None
        self._part = target.with_name(f".{target.name}.{uuid4().hex[:8]}.part")

    def __enter__(self) -> Self:
        self.target.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._part.open("xb")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        self._part.unlink(missing_ok=True)

    def headers(self) -> dict[str, str]:
        """What to ask for: all of it, or what is missing as long as the file on the server is still the same."""
        plain = {"Accept": "*/*", "Accept-Encoding": "identity"}
        if not self.received or not self._etag or self._etag.startswith("W/"):
            return plain
        return {**plain, "Range": f"bytes={self.received}-", "If-Range": self._etag}

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """A new answer begins: 206 goes on where the last one stopped, 200 starts over."""
        start, self.total = _extent(status, headers)
        self._etag = headers.get("etag")
        self._file.seek(start)
        self._file.truncate()
        self.received = start

    def write(self, piece: bytes) -> None:
        self._file.write(piece)
        self.received += len(piece)
        if self._on_bytes:
            self._on_bytes(self.received, self.total)

    def finish(self) -> None:
        """The answer ended in good order."""
        self.is_whole = self.total is None or self.received == self.total

    def keep(self) -> Path:
        """Put the file in its place, replacing what was there; it survives a power cut from here on."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.replace(self.target)
        return self.target


def _extent(status: int, headers: Mapping[str, str]) -> tuple[int, int | None]:
    if status == 206 and (match := _RANGE.fullmatch(headers.get("content-range", ""))):
        whole = match[2]
        return int(match[1]), None if whole == "*" else int(whole)
    length = headers.get("content-length", "")
    return 0, int(length) if length.isdigit() else None
