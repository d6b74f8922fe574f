"""Images of requests: once for each client, gone without a use, and where the release before looks for them."""

from hashlib import sha256
from uuid import uuid4

from db import files, images
from db.accept import NewInput
from db.connection import Database, Pool, connect, open_pool, transaction
from db.files import NewFile
from db.images import UNUSED_FOR, NewImage
from db.migrate import migrate
from db.tables.accounts import DEFAULT_CLIENT
from tests.integration.db.world import World

PNG = b"\x89PNG\r\n\x1a\n" + bytes(3000)
OLD_JOBS = """
INSERT INTO reelwork.video_jobs
  (id, client_id, lane_id, credential_id, kind, model, requested_model, prompt, params, body_hash, fingerprint, state,
   catalogue_version)
SELECT id, $2, $3, $4, 'openai_videos', 'sora-2', 'sora-2', 'a lamp', '{}', '', '', 'completed', '1'
FROM unnest($1::uuid[]) AS id
"""
OLD_WRITE = """
INSERT INTO reelwork.job_inputs (job_id, position, role, content_type, sha256, data)
SELECT job_id, position, role, content_type, sha256, data
FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::bytea[])
  AS u (job_id, position, role, content_type, sha256, data)
"""
OLD_READ = """
SELECT job_id, position, role, content_type, sha256, data FROM reelwork.job_inputs WHERE job_id = $1 ORDER BY position
"""
AGED = "UPDATE reelwork.images SET used_at = now() - $1::interval"


def picture(data: bytes = PNG, role: str = "first_frame") -> NewInput:
    return NewInput("image/png", sha256(data).hexdigest(), data, role)


async def test_the_same_picture_of_many_videos_is_kept_once(world: World, pool: Pool) -> None:
    jobs = await world.jobs(await world.account(), 3)
    inputs = {job_id: (picture(), picture(b"other", "last_frame")) for job_id in jobs}

    async with transaction(pool) as conn:
        await images.give(conn, DEFAULT_CLIENT, inputs)

    assert await pool.fetchval("SELECT count(*) FROM reelwork.images") == 2
    sent = await images.of_job(pool, jobs[2])
    assert [(one.role, one.data) for one in sent] == [("first_frame", PNG), ("last_frame", b"other")]


async def test_an_image_goes_when_nothing_refers_to_it_and_not_before(world: World, pool: Pool) -> None:
    (job_id,) = await world.jobs(await world.account(), 1)
    async with transaction(pool) as conn:
        await images.give(conn, DEFAULT_CLIENT, {job_id: (picture(),)})
        image = NewImage("image/png", sha256(PNG).hexdigest(), PNG)
        file = await files.add(conn, NewFile(DEFAULT_CLIENT, "a.png", "vision", image, UNUSED_FOR))
    left = []

    await pool.execute(AGED, UNUSED_FOR)
    left.append(await images.forget(pool, 10))
    await pool.execute("DELETE FROM reelwork.video_jobs")
    left.append(await images.forget(pool, 10))
    await files.remove(pool, DEFAULT_CLIENT, file.id)
    left.append(await images.forget(pool, 10))

    assert left == [0, 0, 1]


async def test_an_image_that_has_just_come_in_stays_although_nothing_refers_to_it_yet(pool: Pool) -> None:
    async with transaction(pool) as conn:
        await images.keep(conn, DEFAULT_CLIENT, [picture()])
    await pool.execute(AGED, UNUSED_FOR)
    async with transaction(pool) as conn:
        await images.keep(conn, DEFAULT_CLIENT, [picture()])

    assert await images.forget(pool, 10) == 0


async def test_files_past_their_time_are_gone_for_everybody(pool: Pool) -> None:
    async with transaction(pool) as conn:
        image = NewImage("image/png", sha256(PNG).hexdigest(), PNG)
        file = await files.add(conn, NewFile(DEFAULT_CLIENT, "a.png", "vision", image, UNUSED_FOR))
    await pool.execute("UPDATE reelwork.files SET expires_at = now()")

    assert await files.find(pool, DEFAULT_CLIENT, file.id) is None
    assert await files.image(pool, DEFAULT_CLIENT, file.id) is None
    assert await files.page(pool, DEFAULT_CLIENT, files.NEWEST, 10) == []
    assert await files.forget(pool, 10) == 1


async def test_the_release_before_reads_and_writes_them_as_it_did(world: World, pool: Pool) -> None:
    mine, theirs = await world.jobs(await world.account(), 2)
    async with transaction(pool) as conn:
        await images.give(conn, DEFAULT_CLIENT, {mine: (picture(),)})
    columns = ([theirs] * 2, [0, 1], ["first_frame", "last_frame"], ["image/png"] * 2, [sha256(PNG).hexdigest()] * 2)

    await pool.execute(OLD_WRITE, *columns, [PNG] * 2)

    assert [row["data"] for row in await pool.fetch(OLD_READ, mine)] == [PNG]
    assert [one.role for one in await images.of_job(pool, theirs)] == ["first_frame", "last_frame"]
    assert await pool.fetchval("SELECT count(*) FROM reelwork.images") == 1


async def test_images_that_were_there_are_moved(empty_database_url: str) -> None:
    await migrate(empty_database_url, revision="0006")
    async with open_pool(Database(empty_database_url), 2) as pool:
        account, jobs = await World(pool).account(), [uuid4(), uuid4()]
        await pool.execute(OLD_JOBS, jobs, account.client, account.lane, account.credential)
        await pool.execute(OLD_WRITE, jobs, [0, 0], ["reference"] * 2, ["image/png"] * 2, ["aa"] * 2, [PNG] * 2)
    await migrate(empty_database_url)

    connection = await connect(Database(empty_database_url))
    try:
        moved = [await images.of_job(connection, job_id) for job_id in jobs]
        count = await connection.fetchval("SELECT count(*) FROM reelwork.images")
    finally:
        await connection.close()
    assert [(one.role, one.data) for (one,) in moved] == [("reference", PNG)] * 2
    assert count == 1
