"""Idempotency-Key on every write: the same request again is answered as the first was and does nothing."""

import asyncio
from collections import Counter

import httpx
import pytest

from db.connection import Database, Pool
from db.idempotency import forget
from tests.integration.app.conftest import ENCRYPTION_KEY, Api, OpenApi
from tests.integration.app.rows import move, state_of
from tests.integration.db.sessions import session, until_waiting

BODY = {"storyboardId": "story", "provider": "sora", "scene": "a harbour at dawn"}
GENERATE = "/api/video/generate"
REPLAYED = "Idempotent-Replayed"


def keyed(key: str = "key-1") -> dict[str, str]:
    return {"Idempotency-Key": key}


async def count(pool: Pool, table: str) -> int:
    found: int = await pool.fetchval(f"SELECT count(*) FROM reelwork.{table}")
    return found


async def test_the_same_create_again_is_answered_word_for_word_and_makes_nothing(api: Api, pool: Pool) -> None:
    first = await api.client.post(GENERATE, json=BODY, headers=keyed())
    again = await api.client.post(GENERATE, json=BODY, headers=keyed())

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.content == first.content
    assert (again.headers["location"], again.headers["content-type"]) == (
        first.headers["location"],
        "application/json",
    )
    assert (first.headers.get(REPLAYED), again.headers[REPLAYED]) == (None, "true")
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert (await count(pool, "video_jobs"), await count(pool, "ledger")) == (1, 1)


async def test_how_a_body_is_spelled_does_not_matter_but_what_it_says_does(api: Api, pool: Pool) -> None:
    text = '{"storyboardId": "s",  "provider":"sora", "scene": "x"}'
    other = '{"scene":"x","provider":"sora","storyboardId":"s"}'
    json = {"Content-Type": "application/json"}
    await api.client.post(GENERATE, content=text, headers=keyed() | json)

    same = await api.client.post(GENERATE, content=other, headers=keyed() | json)
    differs = await api.client.post(GENERATE, json=BODY, headers=keyed())
    elsewhere = await api.client.post("/api/storyboards/s/generate", content=text, headers=keyed() | json)

    assert (same.status_code, same.headers[REPLAYED]) == (202, "true")
    for refused in (differs, elsewhere):
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")
    assert await count(pool, "video_jobs") == 1


async def test_keys_belong_to_their_client(api: Api, pool: Pool) -> None:
    await api.client.post("/api/admin/clients", json={"name": "other"})
    wanted = {"client": "other", "name": "k", "scopes": ["generate"]}
    key = (await api.client.post("/api/admin/keys", json=wanted)).json()["key"]

    await api.client.post(GENERATE, json=BODY, headers=keyed())
    theirs = await api.stranger.post(GENERATE, json=BODY, headers=keyed() | {"Authorization": f"Bearer {key}"})

    assert REPLAYED not in theirs.headers
    assert await count(pool, "video_jobs") == 2


@pytest.mark.parametrize("key", [b"", b"   ", b"a" * 256, b"a\x07b", b"a\tb", "schlüssel".encode()])
async def test_what_cannot_be_a_key_is_refused_before_anything_is_done(api: Api, pool: Pool, key: bytes) -> None:
    response = await api.client.post(GENERATE, json=BODY, headers={b"Idempotency-Key": key})

    assert (response.status_code, response.json()["code"]) == (400, "malformed_idempotency_key")
    assert await count(pool, "video_jobs") == 0


async def test_two_keys_in_one_call_are_refused_and_a_key_of_255_characters_is_not(api: Api) -> None:
    two = [("Idempotency-Key", "a"), ("Idempotency-Key", "b")]

    assert (await api.client.post(GENERATE, json=BODY, headers=two)).status_code == 400
    assert (await api.client.post(GENERATE, json=BODY, headers=keyed("k" * 255))).status_code == 202


async def test_a_refused_write_leaves_no_trace_and_may_be_sent_again(open_api: OpenApi, pool: Pool) -> None:
    body = BODY | {"seconds": 8}
    async with open_api(BUDGET_USD_PER_DAY="0.10") as poor:
        refused = await poor.client.post(GENERATE, json=body, headers=keyed())
        invalid = await poor.client.post(GENERATE, json={"provider": "sora"}, headers=keyed("key-2"))
    async with open_api() as rich:
        accepted = await rich.client.post(GENERATE, json=body, headers=keyed())

    assert (refused.status_code, invalid.status_code, accepted.status_code) == (402, 400, 202)
    assert REPLAYED not in accepted.headers
    assert await count(pool, "idempotency_keys") == 1


async def test_simultaneous_doubles_on_two_processes_make_one_video(open_api: OpenApi, pool: Pool) -> None:
    async def patiently(api: Api) -> httpx.Response:
        while True:
            response = await api.client.post(GENERATE, json=BODY, headers=keyed())
            if response.status_code not in (409, 503):
                return response

    async with open_api() as one, open_api() as two:
        answers = await asyncio.gather(*(patiently(api) for api in (one, two) for _ in range(10)))

    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert Counter(REPLAYED in answer.headers for answer in answers) == {True: 19, False: 1}
    assert (await count(pool, "video_jobs"), await count(pool, "ledger")) == (1, 1)


async def test_a_double_waits_for_the_first_and_then_says_that_it_still_runs(
    open_api: OpenApi, pool: Pool, database_url: str
) -> None:
    async with open_api() as one, open_api() as two, session(Database(database_url)) as other:
        await other.execute("SET lock_timeout = 0")
        await other.execute("SET idle_in_transaction_session_timeout = 0")
        await other.execute("BEGIN")
        await other.execute(
            "INSERT INTO reelwork.idempotency_keys (id, client_id, key, request_hash) "
            "SELECT gen_random_uuid(), id, 'key-1', 'x' FROM reelwork.clients"
        )
        refused = await one.client.post(GENERATE, json=BODY, headers=keyed())
        double = asyncio.ensure_future(two.client.post(GENERATE, json=BODY, headers=keyed()))
        await until_waiting(pool, 1)
        await other.execute("ROLLBACK")
        answered = await double

    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_in_use")
    assert refused.headers["retry-after"] == "1"
    assert answered.status_code == 202
    assert await count(pool, "video_jobs") == 1


async def test_a_process_that_dies_before_its_commit_leaves_neither_video_nor_key(api: Api, pool: Pool) -> None:
    await pool.execute(
        "CREATE FUNCTION reelwork.die() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
    )
    await pool.execute(
        "CREATE CONSTRAINT TRIGGER die AFTER INSERT ON reelwork.video_jobs "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION reelwork.die()"
    )
    died = await api.client.post(GENERATE, json=BODY, headers=keyed())
    left = (await count(pool, "video_jobs"), await count(pool, "idempotency_keys"), await count(pool, "ledger"))
    await pool.execute("DROP TRIGGER die ON reelwork.video_jobs")

    again = await api.client.post(GENERATE, json=BODY, headers=keyed())

    assert (died.status_code, left, again.status_code) == (503, (0, 0, 0), 202)
    assert REPLAYED not in again.headers


async def test_a_new_clients_key_comes_again_and_is_nowhere_in_the_clear(api: Api, pool: Pool) -> None:
    wanted = {"name": "ci", "scopes": ["read"]}

    first = await api.client.post("/api/admin/keys", json=wanted, headers=keyed())
    again = await api.client.post("/api/admin/keys", json=wanted, headers=keyed())

    key = first.json()["key"]
    kept = await pool.fetchval("SELECT sealed FROM reelwork.idempotency_keys")
    assert again.json() == first.json()
    assert key.encode() not in kept
    assert await count(pool, "client_keys") == 1


async def test_an_answer_whose_encryption_key_is_gone_is_not_made_up(open_api: OpenApi, pool: Pool) -> None:
    async with open_api() as before:
        await before.client.post(GENERATE, json=BODY, headers=keyed())
    async with open_api(ENCRYPTION_KEY="22" * 32) as after:
        unreadable = await after.client.post(GENERATE, json=BODY, headers=keyed())
    async with open_api(ENCRYPTION_KEY=f"{'22' * 32},{ENCRYPTION_KEY}") as both:
        replayed = await both.client.post(GENERATE, json=BODY, headers=keyed())

    assert (unreadable.status_code, unreadable.json()["code"]) == (409, "answer_unreadable")
    assert (replayed.status_code, replayed.headers[REPLAYED]) == (202, "true")
    assert await count(pool, "video_jobs") == 1


async def test_a_key_is_forgotten_after_a_day(api: Api, pool: Pool) -> None:
    for name, age in (("yesterday", "24 hours 1 second"), ("today", "23 hours")):
        await api.client.post(GENERATE, json=BODY, headers=keyed(name))
        await pool.execute(
            "UPDATE reelwork.idempotency_keys SET created_at = now() - $2::text::interval WHERE key = $1", name, age
        )

    assert await forget(pool, 100) == 1
    assert await pool.fetchval("SELECT key FROM reelwork.idempotency_keys") == "today"


async def test_a_key_on_a_read_is_not_heeded(api: Api, pool: Pool) -> None:
    job_id = (await api.generate())["jobId"]

    response = await api.client.get(f"/api/video/{job_id}", headers=keyed(""))

    assert response.status_code == 200
    assert await count(pool, "idempotency_keys") == 0


async def test_a_removal_that_was_cut_short_is_finished_by_its_repeat(api: Api, pool: Pool) -> None:
    job_id = (await api.generate())["jobId"]
    await move(pool, job_id, "deleting")

    answers = [await api.client.delete(f"/api/video/{job_id}", headers=keyed()) for _ in range(2)]

    assert [answer.json()["status"] for answer in answers] == ["deleted", "deleted"]
    assert await state_of(pool, job_id) == "gone"


async def test_a_form_that_is_divided_at_another_boundary_is_the_same(api: Api, pool: Pool) -> None:
    form = {"prompt": (None, "a harbour"), "seconds": (None, "8")}

    first, again = [await api.client.post("/v1/videos", files=form, headers=keyed()) for _ in range(2)]
    other = await api.client.post("/v1/videos", files=form | {"seconds": (None, "4")}, headers=keyed())

    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert (again.status_code, again.json(), again.headers[REPLAYED]) == (200, first.json(), "true")
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")
    assert await count(pool, "video_jobs") == 1
