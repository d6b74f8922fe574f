"""Event streams over a real socket: what was missed, how things stand, every change, and the end."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest
import redis
import uvicorn

from db import transitions
from db.connection import Pool
from db.states import JobState
from db.transitions import Ending, Hold
from tests.integration.app.conftest import Api, OpenApi
from tests.integration.app.rows import move

Listen = Callable[..., AbstractAsyncContextManager[AsyncIterator[dict[str, Any]]]]


@asynccontextmanager
async def serving(api: Api) -> AsyncIterator[str]:
    """The API behind a socket; yields its address."""
    config = uvicorn.Config(api.app, host="127.0.0.1", port=0, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve(None))
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


@pytest.fixture
async def address(api: Api) -> AsyncIterator[str]:
    async with serving(api) as url:
        yield url


async def events_of(response: httpx.Response) -> AsyncIterator[dict[str, Any]]:
    """Each event as {event, id, data}; comments are {event: "comment"}."""
    event: dict[str, Any] = {}
    async for line in response.aiter_lines():
        name, _, value = line.partition(": ")
        if line == "":
            if "data" in event or event.get("event") == "comment":
                yield event
            event = {}
        elif name == "":
            event = {"event": "comment"}
        else:
            event[name] = json.loads(value) if name == "data" else value


@asynccontextmanager
async def listening(api: Api, url: str, **query: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    headers = {} if "token" in query else dict(api.client.headers)
    async with (
        httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client,
        client.stream("GET", "/api/events", params=query) as response,
    ):
        assert response.status_code == 200, await response.aread()
        yield events_of(response)


async def next_of(events: AsyncIterator[dict[str, Any]], kind: str) -> Any:
    """The data of the next event of a kind."""
    async with asyncio.timeout(60):
        async for event in events:
            if event["event"] == kind:
                return event["data"]
    raise AssertionError(f"the stream ended without {kind}")


async def fail(pool: Pool, job_id: str) -> None:
    epoch = await pool.fetchval("SELECT epoch FROM reelwork.video_jobs WHERE id = $1::uuid", job_id)
    ending = Ending(JobState.FAILED, (JobState.GENERATING,), "generation_failed", "it rained", cost_micros=None)
    assert await transitions.end(pool, Hold(UUID(job_id), epoch), ending)


async def test_a_videos_stream_begins_with_how_it_stands_and_ends_with_it(api: Api, pool: Pool, address: str) -> None:
    job_id = (await api.generate())["jobId"]
    await move(pool, job_id, "generating")

    async with listening(api, address, jobId=job_id) as events:
        first = await next_of(events, "video")
        await fail(pool, job_id)
        line = await next_of(events, "timeline")
        last = await next_of(events, "video")
        end = await next_of(events, "end")

    assert (first["stage"], line["type"], last["status"], end) == ("generating", "failed", "failed", {})
    assert line["jobId"] == job_id


async def test_who_comes_again_hears_what_was_missed_and_at_the_end_nothing(api: Api, pool: Pool, address: str) -> None:
    job_id = (await api.generate())["jobId"]
    await move(pool, job_id, "generating")
    await fail(pool, job_id)
    lines = (await api.client.get(f"/api/video/{job_id}/events")).json()["events"]

    async with listening(api, address, jobId=job_id, lastEventId=str(lines[0]["id"])) as events:
        heard = [event async for event in events]
    again = await api.client.get("/api/events", params={"jobId": job_id}, headers={"Last-Event-ID": heard[0]["id"]})

    assert [event["event"] for event in heard] == ["timeline", "video", "end"]
    assert heard[0]["data"]["type"] == "failed"
    assert again.status_code == 204


async def test_a_storyboards_stream_ends_when_its_last_scene_has(api: Api, pool: Pool, address: str) -> None:
    one, two = [(await api.generate(storyboardId="film"))["jobId"] for _ in range(2)]
    other = (await api.generate(storyboardId="other"))["jobId"]
    for job_id in (one, two, other):
        await move(pool, job_id, "generating")

    async with listening(api, address, storyboardId="film") as events:
        assert {(await next_of(events, "video"))["jobId"] for _ in range(2)} == {one, two}
        for job_id in (other, one, two):
            await fail(pool, job_id)
        rest = [event async for event in events]

    assert {event["data"]["jobId"] for event in rest if event["event"] == "timeline"} == {one, two}
    assert rest[-1]["event"] == "end"


async def test_progress_comes_through_one_subscription_for_all_listeners(
    api: Api, pool: Pool, address: str, redis_url: str
) -> None:
    job_id = (await api.generate())["jobId"]
    await move(pool, job_id, "generating")
    channels = await api.app.state.deps.bell.channels()

    async with listening(api, address, jobId=job_id) as one, listening(api, address, jobId=job_id) as two:
        await next_of(one, "video")
        await next_of(two, "video")

        async def tell() -> None:
            while True:
                await channels.progressed({job_id: 40})
                await asyncio.sleep(0.1)

        telling = asyncio.create_task(tell())
        heard = [await next_of(events, "progress") for events in (one, two)]
        telling.cancel()
        with redis.Redis.from_url(redis_url) as connection:
            subscribers = connection.pubsub_numsub(*connection.pubsub_channels("rw:*:changes"))

    assert heard == [{"jobId": job_id, "progress": 40}] * 2
    assert [count for _, count in subscribers] == [1]


async def test_without_redis_changes_come_all_the_same(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(REDIS_URL="redis://127.0.0.1:9/0") as api, serving(api) as url:
        job_id = (await api.generate())["jobId"]
        await move(pool, job_id, "generating")

        async with listening(api, url, jobId=job_id) as events:
            await next_of(events, "video")
            await fail(pool, job_id)

            assert (await next_of(events, "timeline"))["type"] == "failed"


async def test_a_token_opens_the_stream_it_was_made_for_and_no_other(api: Api, pool: Pool, address: str) -> None:
    job_id = (await api.generate())["jobId"]
    await move(pool, job_id, "generating")
    token = (await api.client.post("/api/events/token", json={"jobId": job_id})).json()["token"]

    async with listening(api, address, token=token) as events:
        assert (await next_of(events, "video"))["jobId"] == job_id
    changed = await api.stranger.get("/api/events", params={"token": token[:-3] + "abc"})
    garbage = await api.stranger.get("/api/events", params={"token": "no.token"})
    none = await api.stranger.get("/api/events", params={"jobId": job_id})

    assert [changed.status_code, garbage.status_code, none.status_code] == [401, 401, 401]


async def test_a_client_hears_only_its_own_jobs(api: Api, pool: Pool, address: str) -> None:
    made = await api.client.post("/api/admin/clients", json={"name": "other"})
    key = await api.client.post(
        "/api/admin/keys", json={"client": made.json()["name"], "name": "k", "scopes": ["read", "generate"]}
    )
    theirs = {"Authorization": f"Bearer {key.json()['key']}"}
    mine = (await api.generate(storyboardId="shared"))["jobId"]
    body = {"storyboardId": "shared", "provider": "sora", "scene": "x"}
    other = (await api.stranger.post("/api/video/generate", json=body, headers=theirs)).json()["jobId"]
    for job_id in (mine, other):
        await move(pool, job_id, "generating")
    refused = await api.stranger.get("/api/events", params={"jobId": mine}, headers=theirs)
    no_token = await api.stranger.post("/api/events/token", json={"jobId": mine}, headers=theirs)
    token = (await api.stranger.post("/api/events/token", json={}, headers=theirs)).json()["token"]

    async with listening(api, address, token=token, lastEventId="0") as events:
        created = await next_of(events, "timeline")
        await fail(pool, mine)
        await fail(pool, other)
        heard = await next_of(events, "timeline")

    assert (refused.status_code, no_token.status_code) == (404, 404)
    assert {created["jobId"], heard["jobId"]} == {other}


@pytest.mark.parametrize(
    "query", [{"lastEventId": "x"}, {"lastEventId": "9" * 30}, {"jobId": "1", "storyboardId": "2"}]
)
async def test_what_makes_no_sense_is_refused(api: Api, query: dict[str, str]) -> None:
    assert (await api.client.get("/api/events", params=query)).status_code == 400


async def test_a_stream_ends_soon_after_its_key_is_revoked(api: Api, address: str) -> None:
    made = (await api.client.post("/api/admin/keys", json={"name": "listener", "scopes": ["read"]})).json()
    headers = {"Authorization": f"Bearer {made['key']}"}

    async with (
        httpx.AsyncClient(base_url=address, headers=headers, timeout=60) as client,
        client.stream("GET", "/api/events") as response,
    ):
        assert response.status_code == 200
        assert (await api.client.delete(f"/api/admin/keys/{made['id']}")).status_code == 200
        async with asyncio.timeout(60):
            heard = [event async for event in events_of(response)]

    assert "end" not in {event["event"] for event in heard}
