"""An SDK sends a create again by itself when its answer is lost: such a try joins its own call, never a twin's."""

import asyncio
from typing import Any

import pytest

from db.connection import Database, Pool
from tests.integration.app.conftest import Api, OpenApi
from tests.integration.db.sessions import session, until_waiting

BODY = {"storyboardId": "story", "provider": "sora", "scene": "a harbour at dawn"}
HEADER = "X-Stainless-Retry-Count"
LATER = "UPDATE reelwork.create_calls SET heard_at = heard_at - interval '20 minutes 1 second'"


async def sent(api: Api, number: str | None, **members: Any) -> str:
    """The id that a try with this number is answered."""
    headers = {} if number is None else {HEADER: number}
    job_id: str = (await api.generate(headers=headers, **members))["jobId"]
    return job_id


@pytest.mark.parametrize(
    "story",
    [
        pytest.param("0=a 1=a 2=a", id="the answer is lost twice"),
        pytest.param("0=a 0=b", id="two that are meant"),
        pytest.param("0=a get=a 0=b 1=b", id="the second's answer is lost after the first was looked at"),
        pytest.param("0=a 0=b 1=b 2=b", id="the second's answer is lost and nobody has looked at the first"),
        pytest.param("0=a 0=b 1=b 1=a", id="both answers are lost"),
        pytest.param("0=a 1=a get=a 0=b 1=b 2=b", id="a twin of one whose answer was lost"),
        pytest.param("0=a get=a 1=b", id="the first was answered and the twin's first try never came"),
        pytest.param("1=a 0=a", id="the second try overtakes the first"),
        pytest.param("1=a get=a 0=a", id="the first try comes when the second is answered"),
        pytest.param("1=a 0=a 0=b", id="a twin of one that was overtaken"),
        pytest.param("2=a 0=a 1=a", id="the third try overtakes both"),
        pytest.param("0=a 2=a 1=a", id="the third try overtakes the second"),
        pytest.param("1=a 2=a 0=a", id="the first try comes last"),
        pytest.param("0=a later 1=b", id="too late to be a try of the first"),
        pytest.param("1=a later 0=b", id="too late to have been overtaken"),
        pytest.param("none=a 1=b none=c", id="who numbers no tries is left alone"),
        pytest.param("0=a gone=a 1=b", id="the first was removed"),
    ],
)
async def test_a_try_joins_the_call_it_repeats_and_no_other(api: Api, pool: Pool, story: str) -> None:
    videos: dict[str, str] = {}

    for step in story.split():
        what, _, name = step.partition("=")
        match what:
            case "get":
                await api.job(videos[name])
            case "later":
                await pool.execute(LATER)
            case "gone":
                await pool.execute("DELETE FROM reelwork.video_jobs WHERE id = $1::uuid", videos[name])
            case number:
                answered = await sent(api, None if number == "none" else number)
                assert answered == videos.setdefault(name, answered), f"{step} of {story}"

    assert len(set(videos.values())) == len(videos)


async def test_a_repeat_is_answered_as_the_first_was_and_reserves_nothing(api: Api, pool: Pool) -> None:
    first = await api.generate(headers={HEADER: "0"}, seconds=8)
    again = await api.generate(headers={HEADER: "1"}, seconds=8)

    assert again == first
    assert await pool.fetchval("SELECT count(*) FROM reelwork.ledger") == 1


async def test_only_the_same_body_of_the_same_client_is_a_repeat(api: Api) -> None:
    await api.client.post("/api/admin/clients", json={"name": "other"})
    made = await api.client.post(
        "/api/admin/keys", json={"client": "other", "name": "k", "scopes": ["generate", "read"]}
    )
    others = {"Authorization": f"Bearer {made.json()['key']}", HEADER: "1"}

    first = await sent(api, "0")
    other_body = await sent(api, "1", seconds=8)
    other_client = (await api.generate(headers=others))["jobId"]

    assert len({first, other_body, other_client}) == 3
    assert await sent(api, "1") == first


async def test_another_clients_look_does_not_show_that_the_answer_arrived(api: Api) -> None:
    await api.client.post("/api/admin/clients", json={"name": "operators"})
    scopes = {"client": "operators", "name": "k", "scopes": ["operate", "read"]}
    key = (await api.client.post("/api/admin/keys", json=scopes)).json()["key"]
    first = await sent(api, "0")

    looked = await api.stranger.get(f"/api/video/{first}", headers={"Authorization": f"Bearer {key}"})

    assert looked.status_code == 200
    assert await sent(api, "1") == first


@pytest.mark.parametrize("number", ["", "-1", "1.0", "one", "10000", "٣"])
async def test_a_number_that_is_none_is_not_heeded(api: Api, number: str) -> None:
    headers = {HEADER.encode(): number.encode()}

    response = await api.client.post("/api/video/generate", json=BODY, headers=headers)

    assert response.status_code == 202


async def test_a_second_try_that_comes_before_the_firsts_commit_waits_for_it(
    open_api: OpenApi, pool: Pool, database_url: str
) -> None:
    async with open_api() as one, open_api() as two, session(Database(database_url)) as other:
        await other.execute("BEGIN")
        await other.execute("SELECT 1 FROM reelwork.clients FOR NO KEY UPDATE")
        tries = [asyncio.ensure_future(sent(api, number)) for api, number in ((one, "0"), (two, "1"))]
        await until_waiting(pool, 2)
        await other.execute("COMMIT")
        answers = await asyncio.gather(*tries)

    assert len(set(answers)) == 1
    assert await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 1


async def test_simultaneous_tries_and_twins_on_two_processes_are_as_many_as_were_meant(
    open_api: OpenApi, pool: Pool
) -> None:
    async def patiently(api: Api, number: str) -> str:
        while True:
            response = await api.client.post("/api/video/generate", json=BODY, headers={HEADER: number})
            if response.status_code != 503:
                return str(response.json()["jobId"])

    async with open_api() as one, open_api() as two:
        answers = await asyncio.gather(*(patiently(api, number) for number in "012012012" for api in (one, two)))

    assert len(set(answers)) == 6
    assert await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 6
