"""A database that is older than what storage remembers of it is noticed, and holds everything until it is mended."""

from collections.abc import AsyncIterator

import pytest

from db import history, installation
from db.connection import Pool
from tests.integration.db.world import FREE, World

A_MINUTE_PASSES = "UPDATE reelwork.installation SET marked_at = marked_at - interval '1 minute'"
BACK = "UPDATE reelwork.installation SET mark = $1, marked_at = $2, epoch = $3, paused = false, restored_at = NULL"


class Notes(dict[str, str]):
    """Storage's small texts, in memory."""

    async def recall(self, name: str) -> str | None:
        return self.get(name)

    async def remember(self, name: str, text: str) -> None:
        self[name] = text


@pytest.fixture
async def notes(pool: Pool) -> AsyncIterator[Notes]:
    clean = "UPDATE reelwork.installation SET mark = 0, marked_at = NULL, restored_at = NULL, paused = false"
    await pool.execute(clean)
    yield Notes()
    await pool.execute(clean)


async def put_back(pool: Pool, notes: Notes) -> None:
    """A backup, a minute of life, and the backup in its place."""
    await history.keep(pool, notes)
    old = await installation.read(pool)
    await pool.execute(A_MINUTE_PASSES)
    await history.keep(pool, notes)
    await pool.execute(BACK, old.mark, old.marked_at, old.epoch)


async def test_a_database_that_goes_on_is_never_called_old(pool: Pool, notes: Notes) -> None:
    for _ in range(3):
        assert (await history.keep(pool, notes)).restored_at is None
        await pool.execute(A_MINUTE_PASSES)

    assert (await installation.read(pool)).mark == 3


async def test_many_processes_move_the_mark_once_a_minute(pool: Pool, notes: Notes) -> None:
    for _ in range(5):
        await history.keep(pool, notes)

    assert (await installation.read(pool)).mark == 1


async def test_a_restored_dump_is_noticed_and_nothing_starts(world: World, notes: Notes) -> None:
    account = await world.account()
    await put_back(world.pool, notes)
    await world.job(account)

    row = await history.keep(world.pool, notes)

    assert row.restored_at is not None and row.paused
    assert "python -m app.restored --at 20" in history.advice(row)
    assert (await world.claim(account.lane, limits=FREE)).job_ids == ()
    assert not await installation.resume(world.pool)


async def test_the_pause_is_lifted_only_when_it_is_worked_off_and_is_then_the_newest(pool: Pool, notes: Notes) -> None:
    await put_back(pool, notes)
    await history.keep(pool, notes)

    await history.end(pool, notes)

    row = await history.keep(pool, notes)
    assert (row.restored_at, row.paused, row.pause_reason) == (None, False, None)


async def test_the_same_dump_restored_again_is_noticed_again(pool: Pool, notes: Notes) -> None:
    await history.keep(pool, notes)
    old = await installation.read(pool)
    await history.begin(pool)
    await history.end(pool, notes)
    await pool.execute(BACK, old.mark, old.marked_at, old.epoch)

    assert (await history.keep(pool, notes)).restored_at is not None


async def test_a_pause_by_a_person_outlives_the_restore(pool: Pool, notes: Notes) -> None:
    await installation.pause(pool, "too expensive")
    await history.begin(pool)

    await history.end(pool, notes)

    row = await installation.read(pool)
    assert (row.paused, row.pause_reason) == (True, "too expensive")
