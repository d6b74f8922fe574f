"""What an image's first bytes say it is; the name and type a caller gives it prove nothing."""

import base64
import binascii
import re

MAX_IMAGE_BYTES = 20 * 1024 * 1024
_DATA_URL = re.compile(r"data:[a-z]+/[a-z0-9.+-]+(?:;[a-z-]+=[^;,]*)*;base64,", re.IGNORECASE)


class NotAnImage(ValueError):
    """The text says why, without any of the bytes."""


def image_type(data: bytes) -> str:
    """image/png, image/jpeg or image/webp. Raises NotAnImage."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    raise NotAnImage("is not a PNG, JPEG or WebP image")


def from_data_url(url: str) -> bytes:
    """The bytes of a base64 data: URL, at most MAX_IMAGE_BYTES. Raises NotAnImage."""
    match = _DATA_URL.match(url)
    if match is None:
        raise NotAnImage("is not a data: URL with base64 content")
    encoded = url[match.end() :]
    if len(encoded) > MAX_IMAGE_BYTES * 4 // 3 + 4:
        raise NotAnImage(f"is larger than {MAX_IMAGE_BYTES // 1024 // 1024} MB")
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise NotAnImage("holds no valid base64") from None
