"""The part of a file that a request asks for (RFC 9110, one range), and whether the caller has it already."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes [start, end) of a file."""

    start: int
    end: int


class NoSuchRange(Exception):
    """The range lies outside the file: 416."""


def requested_part(header: str | None, size: int) -> Part | None:
    """The part a Range header names; None for the whole file, also where the header is of a form we do not serve."""
    match = _ONE_RANGE.fullmatch(header.replace(" ", "")) if header else None
    if match is None or match.group() == "bytes=-":
        return None
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last) + 1, size) if first and last else size
    if first and last and int(last) < int(first):
        return None
    if start >= size or not (first or int(last)):
        raise NoSuchRange
    return Part(start, end)


def is_known(if_none_match: str | None, etag: str) -> bool:
    """Whether the caller's copy is the one that `etag` names, so that 304 is enough."""
    if if_none_match is None:
        return False
    known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return bool(known & {etag, "*"})
