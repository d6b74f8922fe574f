"""Images that clients upload once to name them in requests."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from db import images
from db.connection import Executor
from db.images import NewImage
from db.tables import File

_ADD = """
INSERT INTO reelwork.files (id, client_id, image_id, filename, purpose, bytes, expires_at, end_user_id)
VALUES (gen_random_uuid(), $1, $2, $3, $4, $5, now() + $6::interval, $7)
RETURNING id, client_id, image_id, filename, purpose, bytes, created_at, expires_at
"""

_FIND = """
SELECT id, client_id, image_id, filename, purpose, bytes, created_at, expires_at
FROM reelwork.files WHERE id = $1 AND client_id = $2 AND expires_at > now()
"""

_PAGE = """
SELECT id, client_id, image_id, filename, purpose, bytes, created_at, expires_at
FROM reelwork.files WHERE client_id = $1 AND (created_at, id) < ($2, $3) AND expires_at > now()
ORDER BY created_at DESC, id DESC LIMIT $4
"""

_IMAGE = """
SELECT i.content_type, i.sha256, i.data FROM reelwork.files f JOIN reelwork.images i ON i.id = f.image_id
WHERE f.id = $1 AND f.client_id = $2 AND f.expires_at > now()
"""

_REMOVE = "DELETE FROM reelwork.files WHERE id = $1 AND client_id = $2 AND expires_at > now() RETURNING 1"

_FORGET = """
DELETE FROM reelwork.files WHERE id IN (
  SELECT id FROM reelwork.files WHERE expires_at <= now() ORDER BY expires_at LIMIT $1)
"""

NEWEST = (datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1))
"""Where a list begins: before everything."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """An upload by a client, for one of its own users where it says so; it is forgotten after `kept`."""

    client_id: UUID
    filename: str
    purpose: str
    image: NewImage
    kept: timedelta
    end_user_id: str | None = None


async def add(conn: Executor, new: NewFile) -> File:
    """Keep an upload, in the caller's transaction."""
    ids = await images.keep(conn, new.client_id, [new.image])
    image_id, size = ids[new.image.sha256], len(new.image.data)
    values = (new.client_id, image_id, new.filename, new.purpose, size, new.kept, new.end_user_id)
    return File.of(await conn.fetchrow(_ADD, *values))


async def find(conn: Executor, client_id: UUID, file_id: UUID) -> File | None:
    """A client's own file; None where it has none of this id."""
    row = await conn.fetchrow(_FIND, file_id, client_id)
    return File.of(row) if row else None


async def page(conn: Executor, client_id: UUID, after: tuple[datetime, UUID], limit: int) -> list[File]:
    """The client's next files, newest first; `after` is the last one shown, or NEWEST."""
    return [File.of(row) for row in await conn.fetch(_PAGE, client_id, *after, limit)]


async def image(conn: Executor, client_id: UUID, file_id: UUID) -> NewImage | None:
    """What is in a client's own file; None where it has none of this id."""
    row = await conn.fetchrow(_IMAGE, file_id, client_id)
    return NewImage(**dict(row)) if row else None


async def remove(conn: Executor, client_id: UUID, file_id: UUID) -> bool:
    """False where the client has no such file. Videos that were asked for with it keep their image."""
    return await conn.fetchval(_REMOVE, file_id, client_id) is not None


async def forget(conn: Executor, batch: int) -> int:
    """Drop files past their time; returns how many."""
    return int((await conn.execute(_FORGET, batch)).rpartition(" ")[2])
