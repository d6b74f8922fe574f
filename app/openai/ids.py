"""Ids as OpenAI's clients know them: a job's own id behind a prefix, so that they are ours and stable."""

import re
from uuid import UUID

_VIDEO = re.compile(r"video_([0-9a-f]{32})")


def video_id(job_id: UUID) -> str:
    return f"video_{job_id.hex}"


def job_of(text: str) -> UUID | None:
    """The job that a video's id stands for; None where the text is no such id."""
    match = _VIDEO.fullmatch(text)
    return UUID(match[1]) if match else None
