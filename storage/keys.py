"""The names under which videos and posters are stored: `{job}/{attempt}/video.mp4`, nothing else.

A key has one spelling only, so it can be neither a path out of the storage nor a second name for the same object.
"""

import re
from dataclasses import dataclass
from uuid import UUID

from storage.base import InvalidKey

VIDEO = "video.mp4"
POSTER = "poster.webp"
CONTENT_TYPES = {VIDEO: "video/mp4", POSTER: "image/webp"}

NOTES = ".reelwork"
"""Below the storage's top, where small texts of the installation lie; no key starts so."""

_NOTE = re.compile(r"[a-z0-9-]{1,80}\.json", re.ASCII)
_JOB = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_KEY = re.compile(rf"(?P<job>{_JOB})/(?P<attempt>[1-9][0-9]{{0,5}})/(?P<name>video\.mp4|poster\.webp)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Key:
    """The parts of a valid key. `attempt` counts from 1."""

    job_id: UUID
    attempt: int
    name: str

    @property
    def content_type(self) -> str:
        return CONTENT_TYPES[self.name]


def video_key(job_id: UUID, attempt: int) -> str:
    """Where the video of this attempt lies, whoever stores it; InvalidKey for an attempt outside 1..999999."""
    return _checked(f"{job_id}/{attempt}/{VIDEO}")


def poster_key(job_id: UUID, attempt: int) -> str:
    """Where the poster of this attempt lies; InvalidKey for an attempt outside 1..999999."""
    return _checked(f"{job_id}/{attempt}/{POSTER}")


def parse(key: str) -> Key:
    """The parts of a key from anywhere, a URL too; InvalidKey for whatever this module did not make."""
    match = _KEY.fullmatch(key)
    if match is None:
        raise InvalidKey("not a storage key")
    return Key(UUID(match["job"]), int(match["attempt"]), match["name"])


def is_key(text: str) -> bool:
    """Whether `text` is a key of ours; a listing uses it to pass over other people's objects."""
    return _KEY.fullmatch(text) is not None


def job_of(key: str) -> UUID:
    """The job that a key belongs to; InvalidKey where it is none."""
    return parse(key).job_id


def job_prefix(job_id: UUID) -> str:
    """What every key of a job starts with, for `Storage.list`."""
    return f"{job_id}/"


def note_name(name: str) -> str:
    """Where a text of that name lies; InvalidKey for whatever could be a path."""
    if _NOTE.fullmatch(name) is None:
        raise InvalidKey("not the name of a note")
    return f"{NOTES}/{name}"


def _checked(key: str) -> str:
    parse(key)
    return key
