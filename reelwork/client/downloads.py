"""Fetches a finished video to a file that appears only when it is whole; a cut transfer goes on where it stopped."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from reelwork.client.answers import error_of
from reelwork.client.errors import ReelworkError, ServerUnavailable
from reelwork.client.flow import Flow, Request, Transfer, exchange, pause
from reelwork.client.partfile import PartFile
from reelwork.client.paths import path

FRUITLESS_TRIES: Final = 4
RESUME_AFTER_S: Final = 1.0

Bytes = Callable[[int, int | None], None]


def download(job_id: str, to: str | Path, *, on_bytes: Bytes | None = None) -> Flow[Path]:
    """Write a completed video to the file `to` (`{job_id}.mp4` in it, if it is a directory); returns the file.

    An existing file is replaced, at once and only by the whole video. `on_bytes` is called with the bytes so far and
    in all (None if unknown). Conflict or NotFound where there is nothing to fetch yet.
    """
    target = _file_for(Path(to), f"{job_id}.mp4")
    return (yield from _fetch(path("/api/video/{}/content", job_id), target, on_bytes))


def download_thumbnail(job_id: str, to: str | Path) -> Flow[Path]:
    """As `download`, for the poster (`{job_id}.webp`)."""
    target = _file_for(Path(to), f"{job_id}.webp")
    return (yield from _fetch(path("/api/video/{}/thumbnail", job_id), target, None))


def _file_for(to: Path, name: str) -> Path:
    return to / name if to.is_dir() else to


def _fetch(where: str, target: Path, on_bytes: Bytes | None) -> Flow[Path]:
    with PartFile(target, on_bytes) as part:
        fruitless = 0
        while not part.is_whole:
            before = part.received
            try:
                reply = yield from exchange(Transfer(Request("GET", where, headers=part.headers()), part))
            except ServerUnavailable as error:
                fruitless = fruitless + 1 if part.received <= before else 0
                if fruitless >= FRUITLESS_TRIES or (before == 0 and not error.answer_lost):
                    raise
                yield from pause(RESUME_AFTER_S)
                continue
            if reply.status not in (200, 206):
                raise error_of(reply)
            if not part.is_whole:
                raise ReelworkError(f"The server sent {part.received} of {part.total} bytes and called that all.")
        return part.keep()
