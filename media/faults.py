"""Telling a bad file from a bad moment. Runs in the child process only."""

from collections.abc import Iterator
from contextlib import contextmanager

from av.error import FFmpegError

from media.errors import Refused


@contextmanager
def refused_as(kind: type[Refused], reason: str) -> Iterator[None]:
    """Turns what FFmpeg cannot make sense of into `kind`; a full disk or a lack of memory goes through as it is."""
    try:
        yield
    except (OSError, MemoryError):
        # FFmpeg's own classes for them are subclasses of these.
        raise
    except FFmpegError as error:
        raise kind(reason) from error
