"""Reads JSON whose strings may hold whole videos, without ever holding one of them.

Providers echo uploaded images and put finished videos into their answers as base64. Of a long string only the
beginning is kept; one of them can be picked out as a stream of bytes.
"""

import binascii
import json
import re
from collections.abc import Callable

KEPT_BYTES = 512
"""How much of a string is kept. A text that is cut ends in `MARK`; no video is that short."""

MARK = "\x00"
_MARK_IN_JSON = b"\\u0000"
_STOP = re.compile(rb'["\\]')
_QUOTE, _BACKSLASH, _UNICODE = b'"', b"\\", b"u"
_WHITESPACE = b" \t\r\n"

Picks = Callable[[bytes], bool]
"""Told all that is kept before a long string, its opening quote included: whether this is the one to hand out."""


def without_mark(value: str) -> str:
    """The value as text, its mark taken off where it was cut."""
    return value.removesuffix(MARK)


class LongStrings:
    """A JSON document in pieces. The first long string that `picks` chooses is handed out as it comes."""

    def __init__(self, picks: Picks | None = None) -> None:
        self._picks = picks
        self._kept = bytearray()
        self._in_string = False
        self._escape = b""
        self._head = bytearray()
        self._is_long = False
        self._is_picked = False
        self._out = bytearray()

    @property
    def kept_bytes(self) -> int:
        """How much is held by now."""
        return len(self._kept)

    def feed(self, data: bytes) -> bytes:
        """Take the document's next bytes; returns what they hold of the picked string, ValueError for a bad escape."""
        position = 0
        while position < len(data):
            position = self._string(data, position) if self._in_string else self._outside(data, position)
        out = bytes(self._out)
        self._out.clear()
        return out

    def parsed(self) -> object:
        """The document with its long strings cut; ValueError where it is not complete JSON."""
        return json.loads(self._kept.decode("utf-8", "replace"))

    def _outside(self, data: bytes, position: int) -> int:
        quote = data.find(_QUOTE, position)
        end = len(data) if quote < 0 else quote + 1
        self._kept += data[position:end]
        if quote >= 0:
            self._in_string, self._is_long = True, False
            self._head.clear()
        return end

    def _string(self, data: bytes, position: int) -> int:
        if self._escape:
            return self._escaped(data, position)
        stop = _STOP.search(data, position)
        end = stop.start() if stop else len(data)
        self._take(data[position:end])
        if stop is None:
            return end
        if stop[0] == _QUOTE:
            self._close()
        else:
            self._escape = _BACKSLASH
        return end + 1

    def _escaped(self, data: bytes, position: int) -> int:
        """Escapes are taken whole, so that a cut never falls into one."""
        length = 6 if (self._escape + data[position : position + 1])[1:2] == _UNICODE else 2
        end = position + length - len(self._escape)
        self._escape += data[position:end]
        if len(self._escape) == length:
            raw, self._escape = self._escape, b""
            self._take(raw)
        return min(end, len(data))

    def _take(self, raw: bytes) -> None:
        """`raw` is one escape or a piece without any: a cut may fall only between them or inside the latter."""
        room = KEPT_BYTES - len(self._head)
        if not self._is_long and len(raw) <= room:
            self._head += raw
            return
        if not self._is_long:
            raw = self._become_long(raw, 0 if raw[:1] == _BACKSLASH else room)
        if self._is_picked:
            self._out += _unescaped(raw)

    def _become_long(self, raw: bytes, room: int) -> bytes:
        """Keep the beginning; returns the string from where it is to be handed out."""
        self._is_long = True
        if self._picks is not None and self._picks(bytes(self._kept)):
            self._is_picked, self._picks = True, None
        self._head += raw[:room]
        self._kept += self._head
        return bytes(self._head) + raw[room:]

    def _close(self) -> None:
        self._kept += _MARK_IN_JSON if self._is_long else self._head
        self._kept += _QUOTE
        self._in_string = self._is_picked = False


class Base64Stream:
    """Decodes base64 (of either alphabet) in pieces of any length."""

    def __init__(self) -> None:
        self._rest = b""

    def decode(self, piece: bytes) -> bytes:
        """The bytes that are complete by now; ValueError for what is not base64."""
        text = self._rest + piece.translate(bytes.maketrans(b"-_", b"+/"), _WHITESPACE)
        whole = len(text) - len(text) % 4
        self._rest = text[whole:]
        return binascii.a2b_base64(text[:whole])

    def finish(self) -> bytes:
        """The last bytes, where the padding was left out."""
        rest, self._rest = self._rest, b""
        return binascii.a2b_base64(rest + b"=" * (-len(rest) % 4))


def _unescaped(raw: bytes) -> bytes:
    if _BACKSLASH not in raw:
        return raw
    text: str = json.loads(b'"' + raw + b'"')
    return text.encode("utf-8", "replace")
