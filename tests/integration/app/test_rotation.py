"""A new ENCRYPTION_KEY: stored keys are sealed with it while everything runs, and the old one can then go."""

from app.rotation import Rotated, rotate
from db.connection import Pool
from db.crypto import Sealer
from tests.integration.app.conftest import ENCRYPTION_KEY, OpenApi

OLD, NEW = bytes.fromhex(ENCRYPTION_KEY), bytes.fromhex("22" * 32)
KEYS = ("sk-callers-own-key-0001", "sk-callers-own-key-0002")


async def test_after_a_rotation_the_new_key_alone_opens_everything(open_api: OpenApi, pool: Pool) -> None:
    async with open_api() as api:
        for key in KEYS:
            await api.generate(headers={"X-Provider-Key": key})

    first = await rotate(pool, Sealer([NEW, OLD]))
    again = await rotate(pool, Sealer([NEW]))

    rows = await pool.fetch("SELECT id, sealed FROM reelwork.credentials")
    assert (first, again) == (Rotated(2, 0, 0), Rotated(0, 2, 0))
    assert {Sealer([NEW]).open(row["sealed"], row["id"]) for row in rows} == set(KEYS)


async def test_after_a_rotation_a_known_key_still_finds_its_lane(open_api: OpenApi, pool: Pool) -> None:
    async with open_api() as api:
        await api.generate(headers={"X-Provider-Key": KEYS[0]})
        await api.generate(provider="veo")
    await rotate(pool, Sealer([NEW, OLD]))
    async with open_api(ENCRYPTION_KEY=NEW.hex()) as api:
        await api.generate(headers={"X-Provider-Key": KEYS[0]})
        await api.generate(provider="veo")

    assert await pool.fetchval("SELECT count(*) FROM reelwork.lanes") == 2
    assert await pool.fetchval("SELECT count(*) FROM reelwork.credentials") == 2


async def test_what_no_key_opens_is_counted_and_left_alone(open_api: OpenApi, pool: Pool) -> None:
    async with open_api() as api:
        await api.generate()
    before = await pool.fetchval("SELECT sealed FROM reelwork.credentials")

    assert await rotate(pool, Sealer([NEW])) == Rotated(0, 0, 1)
    assert await pool.fetchval("SELECT sealed FROM reelwork.credentials") == before
