"""What is kept about one of a client's own users, to be shown to whom it concerns."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from db import reads
from db.connection import Executor
from db.erasures import Subject
from db.images import NewImage
from db.reads import SeenJob
from db.tables import File

_PAGE = """
SELECT id FROM reelwork.video_jobs
WHERE client_id = $1 AND end_user_id = $2 AND (created_at, id) > ($3, $4) AND state <> 'deleting'
ORDER BY created_at, id LIMIT $5
"""

_FILES = """
SELECT id, client_id, image_id, filename, purpose, bytes, created_at, expires_at
FROM reelwork.files WHERE client_id = $1 AND end_user_id = $2 AND expires_at > now()
ORDER BY created_at, id LIMIT 10000
"""

_INPUTS = """
SELECT i.position, i.role, m.content_type, m.sha256
FROM reelwork.job_images i JOIN reelwork.images m ON m.id = i.image_id WHERE i.job_id = $1 ORDER BY i.position
"""

_INPUT = """
SELECT m.content_type, m.sha256, m.data
FROM reelwork.job_images i JOIN reelwork.images m ON m.id = i.image_id WHERE i.job_id = $1 AND i.position = $2
"""


@dataclass(frozen=True, slots=True)
class KeptInput:
    """An image that came with a request; `position` counts from 0."""

    position: int
    role: str
    content_type: str
    sha256: str


async def videos(conn: Executor, subject: Subject, after: tuple[datetime, UUID], limit: int) -> list[SeenJob]:
    """The user's next videos, oldest first; `after` is the last one shown, or `reads.OLDEST`."""
    found = await conn.fetch(_PAGE, subject.client_id, subject.end_user_id, *after, limit)
    return await reads.jobs(conn, [row["id"] for row in found], subject.client_id)


async def files(conn: Executor, subject: Subject) -> list[File]:
    """What was uploaded for the user, oldest first."""
    return [File.of(row) for row in await conn.fetch(_FILES, subject.client_id, subject.end_user_id)]


async def inputs(conn: Executor, job_id: UUID) -> list[KeptInput]:
    """The images that came with the request, in their order, without their bytes."""
    return [KeptInput(**dict(row)) for row in await conn.fetch(_INPUTS, job_id)]


async def input_image(conn: Executor, job_id: UUID, position: int) -> NewImage | None:
    """One of these images; None where there is none at this position."""
    row = await conn.fetchrow(_INPUT, job_id, position)
    return NewImage(**dict(row)) if row else None
