"""Images of requests: kept once for each client, and gone when nothing is made of them any more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from db.connection import Executor

# The update takes the row's lock, so that a clean-up that has just found it unused looks again.
_KEEP = """
INSERT INTO reelwork.images (id, client_id, sha256, content_type, data)
SELECT gen_random_uuid(), $1, sha256, content_type, data
FROM unnest($2::text[], $3::text[], $4::bytea[]) AS u (sha256, content_type, data) ORDER BY sha256
ON CONFLICT (client_id, sha256) DO UPDATE SET used_at = now()
RETURNING id, sha256
"""

_GIVE = """
INSERT INTO reelwork.job_images (job_id, position, role, image_id)
SELECT job_id, position, role, image_id
FROM unnest($1::uuid[], $2::int[], $3::text[], $4::uuid[]) AS u (job_id, position, role, image_id)
"""

_OF_JOB = """
SELECT j.role, i.content_type, i.data FROM reelwork.job_images j JOIN reelwork.images i ON i.id = j.image_id
WHERE j.job_id = $1 ORDER BY j.position
"""

_FORGET = """
DELETE FROM reelwork.images WHERE id IN (
  SELECT i.id FROM reelwork.images i
  WHERE i.used_at < now() - $1::interval
    AND NOT EXISTS (SELECT 1 FROM reelwork.job_images j WHERE j.image_id = i.id)
    AND NOT EXISTS (SELECT 1 FROM reelwork.files f WHERE f.image_id = i.id)
  ORDER BY i.used_at LIMIT $2 FOR UPDATE SKIP LOCKED)
"""

UNUSED_FOR = timedelta(hours=1)
"""How long an image may lie about before anything refers to it."""


@dataclass(frozen=True, slots=True)
class NewImage:
    """An image as it came in; `sha256` in hex."""

    content_type: str
    sha256: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewInput(NewImage):
    """An image and what it is to a video."""

    role: str


@dataclass(frozen=True, slots=True)
class SentInput:
    """An image as it goes to a provider."""

    role: str
    content_type: str
    data: bytes = field(repr=False)


async def keep(conn: Executor, client_id: UUID, images: Sequence[NewImage]) -> dict[str, UUID]:
    """The images' ids by their hashes. Needs the transaction that writes what refers to them."""
    once = list({image.sha256: image for image in images}.values())
    types, hashes = [image.content_type for image in once], [image.sha256 for image in once]
    rows = await conn.fetch(_KEEP, client_id, hashes, types, [image.data for image in once])
    return {row["sha256"]: row["id"] for row in rows}


async def give(conn: Executor, client_id: UUID, inputs: dict[UUID, tuple[NewInput, ...]]) -> None:
    """Keep the inputs of this client's new jobs, which are known by their ids, in their order."""
    ids = await keep(conn, client_id, [image for images in inputs.values() for image in images])
    placed = [(job_id, place, image) for job_id, images in inputs.items() for place, image in enumerate(images)]
    await conn.execute(
        _GIVE,
        [job_id for job_id, _, _ in placed],
        [place for _, place, _ in placed],
        [image.role for _, _, image in placed],
        [ids[image.sha256] for _, _, image in placed],
    )


async def of_job(conn: Executor, job_id: UUID) -> list[SentInput]:
    """The images that came with the request, in their order."""
    return [SentInput(**dict(row)) for row in await conn.fetch(_OF_JOB, job_id)]


async def forget(conn: Executor, batch: int) -> int:
    """Drop images that neither a job nor a file refers to any more; returns how many."""
    return int((await conn.execute(_FORGET, UNUSED_FOR, batch)).rpartition(" ")[2])
