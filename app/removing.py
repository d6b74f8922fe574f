"""Removes a video that has ended: marked first, then its files, then its row, so that a crash leaves no orphan."""

from uuid import UUID

from starlette.responses import Response

from app.calls import Call
from app.deps import Deps
from app.problems import Problem, not_found, unavailable
from app.writing import written
from db import reads, steering
from db.connection import Executor
from db.retry import contended
from db.states import ENDED, JobState
from storage import keys
from storage.base import StorageError


async def has_ended(deps: Deps, job_id: UUID, client_id: UUID | None) -> bool:
    """Whether it can be removed; a removal that was cut short can be done again. Raises Problem (404)."""
    seen = await reads.job(deps.pool, job_id, client_id)
    if seen is None:
        raise not_found("video")
    return seen.row.state in (*ENDED, JobState.DELETING)


async def remove(call: Call, job_id: UUID, told: Response) -> Response:
    """Remove an ended video with its files. Raises Problem (503) where the storage does not let go of them."""
    deps, states = call.deps, (*ENDED, JobState.DELETING)
    if not await contended(lambda: steering.mark_deleting(deps.pool, job_id, states)):
        raise not_found("video")
    try:
        await _remove_files(deps, job_id)
    except StorageError as error:
        raise _storage_refused() from error

    async def removing(conn: Executor) -> Response:
        await steering.remove(conn, job_id)
        return told

    return await written(call, removing)


async def _remove_files(deps: Deps, job_id: UUID) -> None:
    found = [stored.key async for stored in deps.storage.list(keys.job_prefix(job_id))]
    for key in found:
        await deps.storage.delete(key)


def _storage_refused() -> Problem:
    return unavailable("The storage does not remove the files at the moment; the removal goes on later")
