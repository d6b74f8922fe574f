"""Ids as OpenAI's clients know them: a row's own id behind a prefix, so that they are ours and stable."""

import re
from uuid import UUID

_VIDEO = re.compile(r"video_([0-9a-f]{32})")
_FILE = re.compile(r"file-([0-9a-f]{32})")


def video_id(job_id: UUID) -> str:
    return f"video_{job_id.hex}"


def job_of(text: str) -> UUID | None:
    """The job that a video's id stands for; None where the text is no such id."""
    return _id(_VIDEO, text)


def file_id(row_id: UUID) -> str:
    return f"file-{row_id.hex}"


def file_of(text: str) -> UUID | None:
    """The row that a file's id stands for; None where the text is no such id."""
    return _id(_FILE, text)


def _id(form: re.Pattern[str], text: str) -> UUID | None:
    match = form.fullmatch(text)
    return UUID(match[1]) if match else None
