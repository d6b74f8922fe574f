"""Whether a file has the boxes of a whole MP4, told from a few bytes of each box without reading the rest."""

import os
from io import FileIO
from pathlib import Path

from media.errors import NotAVideo

_FIRST = {b"ftyp", b"styp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_HEADER_BYTES = 8
_LARGE_HEADER_BYTES = 16
_MOST_BOXES = 200_000
_OTHER_FILES = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a WebP picture or an AVI video"),
    (b"\x1aE\xdf\xa3", "a WebM or Matroska video"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"<", "a page of HTML or XML"),
    (b"#EXTM3U", "a playlist"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK", "a zip archive"),
)


def check_boxes(path: str) -> None:
    """Raises NotAVideo unless the boxes run from the start to the end of the file, a moov among them."""
    with Path(path).open("rb", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        start = file.read(_LARGE_HEADER_BYTES)
        if not start:
            raise NotAVideo("it is empty")
        if start[4:8] not in _FIRST:
            raise NotAVideo(f"it is {_kind_of(start)}, not an MP4 video")
        if b"moov" not in _walk(file, size):
            raise NotAVideo("it has no index (moov box): it was cut short or never finished")


def _kind_of(start: bytes) -> str:
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    return next((kind for signature, kind in _OTHER_FILES if text.startswith(signature)), "an unknown kind of file")


def _walk(file: FileIO, size: int) -> set[bytes]:
    """The kinds of boxes at the top of the file, up to its end or to padding that is no box."""
    seen: set[bytes] = set()
    position = 0
    for _ in range(_MOST_BOXES):
        if size - position < _HEADER_BYTES:
            break
        file.seek(position)
        header = file.read(_LARGE_HEADER_BYTES)
        kind, length = header[4:8], _length_of(header, size - position)
        if length < _HEADER_BYTES or not kind.isascii():
            break
        if length > size - position:
            raise NotAVideo(f"it is cut short: {size} of at least {position + length} bytes are there")
        seen.add(kind)
        position += length
    return seen


def _length_of(header: bytes, left: int) -> int:
    length = int.from_bytes(header[:4], "big")
    if length == 0:
        return left if header[4:8].isalnum() else 0
    return int.from_bytes(header[8:16], "big") if length == 1 else length
