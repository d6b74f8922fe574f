"""With whose key a video is made: the call's, a stored one, the server's own; and that no key is ever seen again."""

import json

from db.connection import Pool
from db.crypto import Sealer
from tests.integration.app.conftest import ENCRYPTION_KEY, Api, OpenApi

COOKIE = {"Cookie": "api_key_sora=sk-from-cookie-0001"}
HEADER = {"X-Provider-Key": "sk-from-header-0002"}


async def key_used(pool: Pool, job_id: str) -> tuple[str, str]:
    """Source and plain text of the key that a job is pinned to."""
    row = await pool.fetchrow(
        "SELECT c.id, c.source, c.sealed FROM reelwork.credentials c JOIN reelwork.video_jobs j "
        "ON j.credential_id = c.id WHERE j.id = $1::uuid",
        job_id,
    )
    return row["source"], Sealer([bytes.fromhex(ENCRYPTION_KEY)]).open(row["sealed"], row["id"])


async def test_cookie_then_header_then_stored_then_the_servers_own(api: Api, pool: Pool) -> None:
    own = await api.generate()
    stored = await api.client.post(
        "/api/admin/credentials", json={"provider": "sora", "key": "sk-stored-in-advance-0003"}
    )
    after_storing = await api.generate()
    header = await api.generate(headers=HEADER)
    cookie = await api.generate(headers=HEADER | COOKIE)

    assert stored.status_code == 201
    assert await key_used(pool, own["jobId"]) == ("server", "sk-server-key-0123456789")
    assert await key_used(pool, after_storing["jobId"]) == ("stored", "sk-stored-in-advance-0003")
    assert await key_used(pool, header["jobId"]) == ("call", "sk-from-header-0002")
    assert await key_used(pool, cookie["jobId"]) == ("call", "sk-from-cookie-0001")


async def test_the_same_key_is_one_lane_and_one_credential_however_often_it_comes(api: Api, pool: Pool) -> None:
    for _ in range(3):
        await api.generate(headers=HEADER)

    assert await pool.fetchval("SELECT count(*) FROM reelwork.lanes") == 1
    assert await pool.fetchval("SELECT count(*) FROM reelwork.credentials") == 1


async def test_a_rotated_encryption_key_finds_the_lanes_that_the_old_one_made(open_api: OpenApi, pool: Pool) -> None:
    async with open_api() as api:
        await api.generate(headers=HEADER)
    async with open_api(ENCRYPTION_KEY=f"{'22' * 32},{ENCRYPTION_KEY}") as api:
        await api.generate(headers=HEADER)

    assert await pool.fetchval("SELECT count(*) FROM reelwork.lanes") == 1


async def test_a_revoked_credential_is_not_used_for_new_videos(api: Api, pool: Pool) -> None:
    stored = (
        await api.client.post("/api/admin/credentials", json={"provider": "sora", "key": "sk-stored-0003-long"})
    ).json()

    revoked = await api.client.delete(f"/api/admin/credentials/{stored['id']}")
    job = await api.generate()

    assert revoked.status_code == 200
    assert (await key_used(pool, job["jobId"]))[0] == "server"


async def test_without_any_key_the_refusal_names_the_ways_to_bring_one(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(GEMINI_API_KEY=None, GEMINI_BASE_URL=None) as api:
        problem = await api.generate(400, provider="omni")
        with_key = await api.generate(provider="omni", headers={"X-Provider-Key": "AIzaCallersOwn0123456789"})

    assert problem["code"] == "no_provider_key"
    assert "api_key_omni" in problem["detail"]
    assert (await key_used(pool, with_key["jobId"]))[0] == "call"


async def test_a_key_of_the_wrong_kind_is_refused_and_nothing_is_written(api: Api, pool: Pool) -> None:
    problem = await api.generate(400, provider="veo", headers={"X-Provider-Key": "AIzaCallersOwn0123456789"})

    assert problem["code"] == "wrong_key_kind"
    assert "omni" in problem["detail"]
    assert await pool.fetchval("SELECT count(*) FROM reelwork.lanes") == 0


async def test_no_key_is_seen_again_in_an_answer_or_in_any_table(api: Api, pool: Pool) -> None:
    canary = "sk-canary-do-not-show-0123456789"
    answers = [
        await api.client.post("/api/admin/credentials", json={"provider": "sora", "key": canary}),
        await api.client.post("/api/video/generate", json={"apiKey": canary}, headers={"X-Provider-Key": canary}),
        await api.client.get("/api/admin/credentials"),
        await api.client.get("/api/admin/lanes"),
    ]
    job = await api.generate(headers={"X-Provider-Key": canary})
    answers.append(await api.client.get(f"/api/video/{job['jobId']}/events"))
    tables = await pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'reelwork'")
    rows = [await pool.fetch(f"SELECT to_jsonb(t) AS row FROM reelwork.{table['tablename']} t") for table in tables]

    assert not any(canary in answer.text for answer in answers)
    assert canary not in json.dumps([[row["row"] for row in found] for found in rows])
    assert canary.encode().hex() not in json.dumps([[row["row"] for row in found] for found in rows])
