"""The whole of it, in an order that may be broken off anywhere and run again: hold, settle, look up, let go."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from uuid import UUID

from app.deps import Deps
from app.restore import listings, rows
from app.restore.report import Fate, Report
from db import history, installation, restoring, workers
from db.crypto import CannotOpen
from db.restoring import Unfinished
from providers.errors import ProviderError
from storage import keys

_BATCH = 200
_AT_ONCE = 8
_HANDS_OFF_S = 12.0
"""By then every living worker has seen that the database is held and has let go of its rows."""

Tell = Callable[[str], None]


async def work_off(deps: Deps, at: datetime, tell: Tell, *, dry: bool) -> Report:
    """Settle every row that had not ended at the time of the dump. With `dry` nothing is changed.

    The hold is lifted only where the report is complete. Raises StorageError.
    """
    until = await _hold(deps, tell, dry=dry)
    report = Report()
    doubtful = await _settled(deps, report, at, until, dry=dry)
    await _looked_up(deps, report, doubtful, at, dry=dry)
    report.stray_files = [key async for key in _stray_files(deps)]
    if report.complete and not dry:
        await history.end(deps.pool, deps.storage)
    return report


async def _hold(deps: Deps, tell: Tell, *, dry: bool) -> datetime:
    """Until when rows may have come with the dump: what is accepted later is new and untouched."""
    if dry:
        return (await installation.read(deps.pool)).restored_at or datetime.now(UTC)
    since = await history.begin(deps.pool)
    if await workers.living(deps.pool, deps.policy.lease):
        tell(f"workers are running: waiting {_HANDS_OFF_S:.0f} s until they have let go")
        await asyncio.sleep(_HANDS_OFF_S)
    return since


async def _settled(deps: Deps, report: Report, at: datetime, until: datetime, *, dry: bool) -> list[Unfinished]:
    """Go through all unfinished rows; returns those in doubt."""
    places, doubtful = asyncio.Semaphore(_AT_ONCE), list[Unfinished]()

    async def one(row: Unfinished) -> None:
        async with places:
            fate = await rows.settle(deps, row, at, dry=dry)
        if fate is Fate.REVIEW:
            doubtful.append(row)
        else:
            report.fates[fate] += 1

    last = UUID(int=0)
    while batch := await restoring.unfinished(deps.pool, until, last, _BATCH):
        await asyncio.gather(*(one(row) for row in batch))
        last = batch[-1].id
    return doubtful


async def _looked_up(deps: Deps, report: Report, doubtful: list[Unfinished], at: datetime, *, dry: bool) -> None:
    left = {row.id for row in doubtful}
    for lane in await listings.lanes(deps):
        mine = [row for row in doubtful if row.lane_id == lane.id]
        try:
            seen = await listings.look(deps, lane, mine, at)
        except (ProviderError, TimeoutError, CannotOpen):
            report.silent_lanes += [lane.base_url] if mine else []
            continue
        report.stray_videos += seen.strays
        for job_id, provider_id in seen.pairs.items():
            if dry or await listings.adopt(deps, job_id, provider_id):
                report.fates[Fate.ADOPTED] += 1
                left.discard(job_id)
    report.fates[Fate.REVIEW] += len(left)
    report.undecided = sorted(left)


async def _stray_files(deps: Deps) -> AsyncIterator[str]:
    """Videos of jobs that were accepted after the dump: storage has them, the database knows nothing of them."""
    batch: dict[str, UUID] = {}

    async def unknown() -> list[str]:
        known = await restoring.known_jobs(deps.pool, list(batch.values()))
        return [key for key, job_id in batch.items() if job_id not in known]

    async for stored in deps.storage.list(""):
        if stored.key.endswith(keys.VIDEO):
            batch[stored.key] = keys.job_of(stored.key)
        if len(batch) == _BATCH:
            for key in await unknown():
                yield key
            batch.clear()
    for key in await unknown():
        yield key
