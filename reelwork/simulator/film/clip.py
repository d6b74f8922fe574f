"""A finished clip as bytes to send: whole, in part, or padded to any size without holding the padding."""

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

_BLOCK = b"".join(hashlib.sha256(bytes([index, turn])).digest() for turn in range(32) for index in range(256))[:-3]
_CHUNK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Clip:
    """An encoded clip and how long it is on the wire; beyond the encoded bytes follows one MP4 `free` box.

    The filler repeats a block of an odd length, so that chunks put together in a wrong order change the hash.
    """

    encoded: bytes = field(repr=False)
    length: int
    box: bytes = b""

    @property
    def is_small(self) -> bool:
        return self.length == len(self.encoded)

    def chunks(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to `stop` (the end where None), a quarter of a megabyte at a time."""
        at, stop = start, self.length if stop is None else min(stop, self.length)
        front = self.encoded + self.box
        while at < stop:
            size = min(_CHUNK_BYTES, stop - at)
            piece = front[at : at + size] if at < len(front) else _filler(at, size)
            yield piece
            at += len(piece)


def padded_clip(encoded: bytes, size_bytes: int) -> Clip:
    """The clip grown to `size_bytes` by a `free` box that players skip; as it is where it is larger already."""
    room = size_bytes - len(encoded)
    if room < 16:
        return Clip(encoded, len(encoded))
    box = struct.pack(">I4sQ", 1, b"free", room)
    return Clip(encoded, size_bytes, box)


def shortened(clip: Clip, share: float) -> Clip:
    """The clip cut off after `share` (0 to 1) of its bytes."""
    length = max(int(clip.length * share), 0)
    return Clip(clip.encoded[:length], length, clip.box[: max(length - len(clip.encoded), 0)])


def _filler(at: int, size: int) -> bytes:
    offset = at % len(_BLOCK)
    repeated = _BLOCK * (size // len(_BLOCK) + 2)
    return repeated[offset : offset + size]
