"""Reads JSON whose strings may hold whole videos, without ever holding one of them.

Providers echo uploaded images and put finished videos into their answers as base64. A long string is cut to its
beginning in what is kept, and can be picked out by its number as a stream of bytes.
"""

import binascii
import json
import re

KEPT_BYTES = 512
_MARK = "\\u0000"
_MARKED = re.compile("\x00(\\d+)$")
_STOP = re.compile(rb'["\\]')
_QUOTE, _BACKSLASH, _UNICODE = b'"', b"\\", b"u"
_WHITESPACE = b" \t\r\n"


def number_of(value: str) -> int | None:
    """The number of the long string that this value is the beginning of, None for a string that is whole."""
    match = _MARKED.search(value)
    return int(match[1]) if match else None


def without_mark(value: str) -> str:
    """The value as text, its mark taken off where it was cut."""
    return _MARKED.sub("", value)


class LongStrings:
    """A JSON document in pieces. `picked` is the number of the long string to hand out, None for none."""

    def __init__(self, picked: int | None = None) -> None:
        self._picked = picked
        self._kept = bytearray()
        self._in_string = False
        self._escape = b""
        self._head = bytearray()
        self._number: int | None = None
        self._found = 0
        self._out = bytearray()

    @property
    def kept_bytes(self) -> int:
        """How much is held by now."""
        return len(self._kept)

    def feed(self, data: bytes) -> bytes:
        """Take the document's next bytes; returns what they hold of the picked string."""
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
            self._in_string, self._number = True, None
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
        """`raw` is one escape or a piece without any: a cut may fall only between or inside the latter."""
        room = KEPT_BYTES - len(self._head)
        if self._number is None and len(raw) <= room:
            self._head += raw
            return
        if self._number is None:
            raw = self._become_long(raw, 0 if raw[:1] == _BACKSLASH else room)
        if self._number == self._picked:
            self._out += _unescaped(raw)

    def _become_long(self, raw: bytes, room: int) -> bytes:
        self._number, self._found = self._found, self._found + 1
        self._head += raw[:room]
        self._kept += self._head
        return bytes(self._head) + raw[room:] if self._number == self._picked else raw

    def _close(self) -> None:
        self._kept += self._head if self._number is None else f"{_MARK}{self._number}".encode()
        self._kept += _QUOTE
        self._in_string = False


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
