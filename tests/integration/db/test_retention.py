"""What may go goes with its files; what has not ended stays, however old; what is not ours is not touched."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from db import workers
from db.connection import Pool
from db.retention import Kept
from db.states import JobState
from db.transitions import Ending, end, stored
from storage.base import Keep
from storage.keys import video_key
from storage.local import LocalStorage
from tests.integration.db.world import PRICE, VIDEO, Account, World, hold
from worker.retention import Keeping, Retention

A_DAY = timedelta(days=1)
ALL_GOES = Keeping(progress=Kept(A_DAY, 0, A_DAY, 0), events=A_DAY, videos=A_DAY, rows=A_DAY)
A_YEAR_PASSES = """
UPDATE reelwork.video_jobs SET created_at = created_at - interval '1 year', updated_at = updated_at - interval '1 year',
  completed_at = completed_at - interval '1 year', review_at = review_at - interval '1 year'
"""
EVENTS_AGE = "UPDATE reelwork.job_events SET at = at - interval '1 year'"


class Bucket(LocalStorage):
    """A folder that also has an unfinished upload for each of these keys."""

    uploads: tuple[str, ...] = ()

    async def sweep(self, older_than: timedelta, keep: Keep | None = None) -> int:
        assert keep is not None
        self.uploads = tuple([key for key in self.uploads if await keep(key)])
        return await super().sweep(older_than, keep)


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[Bucket]:
    made = Bucket(tmp_path / "videos")
    yield made
    await made.close()


@pytest.fixture
def keep_video(storage: Bucket, tmp_path: Path) -> Callable[[UUID], Awaitable[str]]:
    """Puts a file under a job's name."""

    async def keep(job_id: UUID) -> str:
        file = tmp_path / f"{job_id}.mp4"
        file.write_bytes(b"moving pictures")
        return (await storage.put_file(video_key(job_id, 1), file, "video/mp4", "00")).key

    return keep


async def unfinished(world: World, account: Account) -> list[UUID]:
    """A row in every state that is not an end."""
    owned = [await getattr(world, state)(account) for state in ("submitting", "unknown", "generating", "collecting")]
    return [await world.job(account), await world.in_review(account), *(item.id for item in owned)]


async def ended(world: World, account: Account) -> list[UUID]:
    """A completed, a failed and a cancelled row."""
    done, failed, cancelled = [await world.collecting(account) for _ in range(3)]
    assert await stored(world.pool, hold(done), VIDEO, PRICE)
    for item, state in ((failed, JobState.FAILED), (cancelled, JobState.CANCELLED)):
        assert await end(world.pool, hold(item), Ending(state, (JobState.COLLECTING,), cost_micros=PRICE))
    return [done.id, failed.id, cancelled.id]


async def clean_all(pool: Pool, storage: Bucket) -> None:
    retention = Retention(pool, storage, ALL_GOES)
    await retention.records()
    await retention.files()
    await retention.sweep()


async def test_what_has_not_ended_keeps_its_row_timeline_and_files(
    world: World, storage: Bucket, keep_video: Callable[[UUID], Awaitable[str]]
) -> None:
    job_ids = await unfinished(world, await world.account())
    files = {await keep_video(job_id) for job_id in job_ids}
    told = [await world.told(job_id) for job_id in job_ids]
    states = await world.states(job_ids)
    await world.pool.execute(A_YEAR_PASSES)
    await world.pool.execute(EVENTS_AGE)

    await clean_all(world.pool, storage)

    assert await world.states(job_ids) == states
    assert [await world.told(job_id) for job_id in job_ids] == told
    assert {one.key async for one in storage.list("")} == files


async def test_what_ended_goes_with_its_files_and_nothing_else_does(
    world: World, storage: Bucket, keep_video: Callable[[UUID], Awaitable[str]], tmp_path: Path
) -> None:
    job_ids = await ended(world, await world.account())
    for job_id in job_ids:
        await keep_video(job_id)
    stranger = tmp_path / "videos" / "holiday" / "1" / "video.mp4"
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(b"somebody's own")
    nobodys = await keep_video(uuid4())
    await storage.remember("history-1.json", "{}")
    await world.pool.execute(A_YEAR_PASSES)

    await clean_all(world.pool, storage)

    assert await world.pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 0
    assert {one.key async for one in storage.list("")} == {nobodys}
    assert stranger.exists() and await storage.recall("history-1.json") == "{}"


async def test_an_upload_that_a_living_worker_goes_on_with_is_left_to_it(world: World, storage: Bucket) -> None:
    account = await world.account()
    worker, dead = await world.worker(), await world.worker()
    items = [await world.collecting(account, worker), await world.collecting(account, dead)]
    await workers.leave(world.pool, dead)
    storage.uploads = tuple(video_key(job_id, 1) for job_id in (items[0].id, items[1].id, uuid4()))

    await Retention(world.pool, storage, ALL_GOES).sweep()

    assert storage.uploads == (video_key(items[0].id, 1),)
