"""A part of a local file as a request body that is never in memory as a whole."""

import base64
import hashlib
import io
import os
from pathlib import Path
from types import TracebackType

_READ_BYTES = 256 * 1024


class OpenFile:
    """A local file, open for several windows at once. Opening and closing block for a moment only. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.size = os.fstat(self.descriptor).st_size

    def __enter__(self) -> "OpenFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self.descriptor)

    def window(self, start: int, size: int) -> "FileWindow":
        """The bytes [start, start + size) of the file, cut off at its end."""
        return FileWindow(self.descriptor, start, max(0, min(size, self.size - start)))


class FileWindow(io.RawIOBase):
    """Reads like a file of its own; a read gives at most 256 KiB, whatever is asked, so that memory stays flat.

    Positions are its own (`pread`), so windows of one descriptor can be read from several threads at once.
    """

    def __init__(self, descriptor: int, start: int, size: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._start = start
        self._size = size
        self._position = 0

    def __len__(self) -> int:
        return self._size

    def __bool__(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = min(max(0, base + offset), self._size)
        return self._position

    def read(self, size: int = -1) -> bytes:
        left = self._size - self._position
        wanted = min(left, _READ_BYTES if size < 0 else min(size, _READ_BYTES))
        chunk = os.pread(self._descriptor, wanted, self._start + self._position)
        self._position += len(chunk)
        return chunk

    def md5(self) -> str:
        """The window's MD5 in base64, as the Content-MD5 header carries it; leaves the position at the start."""
        digest = hashlib.md5(usedforsecurity=False)
        self.seek(0)
        while chunk := self.read():
            digest.update(chunk)
        self.seek(0)
        return base64.b64encode(digest.digest()).decode("ascii")
