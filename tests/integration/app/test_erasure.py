"""A client's own user is erased: a mark that was put wherever that user's text can go is found nowhere afterwards."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx
import pytest
import redis

from tests.integration.app.conftest import ADMIN_KEY, Api, OpenApi
from tests.integration.app.test_auth import key_of
from tests.stack.installation import Installation
from tests.stack.waiting import until

MARK = "mark-7f3a9c"
WHO = f"{MARK}@example.com"
PATH = f"/api/end-users/{WHO}"
PNG = b"\x89PNG\r\n\x1a\n"
HOOK = "http://127.0.0.1:9/hook"
_TABLES = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'reelwork' AND table_type = 'BASE TABLE'"
)


@pytest.fixture
async def api(stack: Installation, open_api: OpenApi) -> AsyncIterator[Api]:
    """The API beside that installation's worker, which by itself leaves providers their copies."""
    stack.settings["PROVIDER_COPY"] = "keep"
    token = "ya29.simulated-token"
    variables = stack.environment(ADMIN_KEY=ADMIN_KEY, GOOGLE_CREDENTIALS_JSON=token, REELWORK_SIMULATED="1")
    async with open_api(**{name: value for name, value in variables.items() if name.isupper()}) as opened:
        await opened.client.post("/api/webhooks/secret")
        yield opened


async def found(stack: Installation, mark: str) -> list[str]:
    """Where the mark is: tables with column, keys of Redis, files, logs."""
    places = []
    for (table,) in await stack.pool.fetch(_TABLES):
        for (row,) in await stack.pool.fetch(f"SELECT to_jsonb(t)::text FROM reelwork.{table} t"):
            held = json.loads(row)
            places += [f"{table}.{name}" for name, value in held.items() if _holds(json.dumps(value), mark)]
    with redis.Redis.from_url(stack.redis_url) as connection:
        dumps = {key: connection.dump(key) or b"" for key in connection.scan_iter()}
    places += [str(key) for key, value in dumps.items() if mark.encode() in key + value]
    files = [path for path in stack.folder.rglob("*") if path.is_file()]
    return sorted({*places, *(path.name for path in files if mark in str(path) or mark.encode() in path.read_bytes())})


def _holds(text: str, mark: str) -> bool:
    return mark in text or mark.encode().hex() in text


def picture(mark: str) -> str:
    return "data:image/png;base64," + base64.b64encode(PNG + mark.encode()).decode()


def wish(mark: str, who: str, **more: Any) -> dict[str, Any]:
    """A request that carries the mark in every member that takes a text."""
    return {
        "storyboardId": f"board {mark}",
        "sceneId": f"scene {mark}",
        "provider": "omni",
        "scene": {"title": f"title {mark}", "description": f"description {mark}", "mood": mark},
        "character": {"name": f"name {mark}", "wardrobe": mark},
        "inputs": [{"role": "reference", "url": picture(mark)}],
        "metadata": {"note": [mark]},
        "webhookUrl": f"{HOOK}?user={mark}",
        "endUserId": who,
    } | more


async def planted(api: Api, mark: str, who: str) -> dict[str, str]:
    """One video of each fate, and an upload; their ids."""
    headers = {"X-Request-Id": "request-0c4d7e", "Idempotency-Key": f"key {mark}"}
    done = await api.generate(headers=headers, **wish(mark, who))
    stuck = await api.generate(**wish(mark, who, prompt=f"[sim:stuck] {mark}"))
    later = await api.generate(**wish(mark, who, runAt="2099-01-01T00:00:00Z"))
    refused = await api.generate(**wish(mark, who, prompt=f"[sim:submit=400] {mark}", inputs=[]))
    upload = await api.client.post(
        "/v1/files",
        data={"purpose": "vision", "safety_identifier": who},
        files={"file": (f"{mark}.png", PNG + b"2" + mark.encode(), "image/png")},
        headers={"Idempotency-Key": f"file {mark}"},
    )
    made = {"done": done["jobId"], "stuck": stuck["jobId"], "later": later["jobId"], "refused": refused["jobId"]}
    await api.client.patch(f"/api/video/{later['jobId']}", params={"note": mark}, json={"priority": 3})
    tried = {"x-stainless-retry-count": "0"}
    asked = {"model": "sora-2", "prompt": f"as OpenAI's SDK {mark}", "user": who}
    sdk = await api.client.post("/v1/videos", json=asked, headers=tried)
    assert (upload.status_code, sdk.status_code) == (200, 200), (upload.text, sdk.text)
    return made | {"sdk": str(UUID(sdk.json()["id"].removeprefix("video_")))}


async def settled(api: Api, made: dict[str, str]) -> None:
    """Wait until each of them is where it is to be when the erasure comes."""
    stages = {"done": "completed", "sdk": "completed", "stuck": "generating", "refused": "failed"}

    async def all_there() -> bool:
        return all([(await api.job(made[name]))["stage"] == stage for name, stage in stages.items()])

    await until(all_there, 120, "videos of every fate")


async def erased(api: Api) -> httpx.Response:
    """The first answer, once a later one says that nothing is left."""
    first = await api.client.delete(PATH)

    async def is_done() -> bool:
        return (await api.client.delete(PATH)).json()["status"] == "erased"

    await until(is_done, 120, "the end of the erasure")
    return first


async def test_after_an_erasure_the_mark_is_nowhere_and_others_have_all_of_theirs(
    api: Api, stack: Installation
) -> None:
    stack.start_worker()
    made = await planted(api, MARK, WHO)
    others = await planted(api, "other-5b21", "other")
    await settled(api, made)
    await settled(api, others)
    await stack.pool.execute(
        "UPDATE reelwork.submissions SET error_message = $1 WHERE job_id = $2::uuid", MARK, made["refused"]
    )
    spent = "SELECT job_id, attempt, entry, delta_micros FROM reelwork.ledger WHERE entry <> 'release' ORDER BY id"
    before, places = await stack.pool.fetch(spent), await found(stack, MARK)
    ids = (made["done"], made["stuck"], others["done"])
    at_provider = [(await api.job(job_id))["providerJobId"] for job_id in ids]
    others_places = await found(stack, "other-5b21")

    first = await erased(api)

    assert {
        *("video_jobs.prompt", "video_jobs.caller_metadata", "images.data", "files.filename"),
        "audit.data",
        *("webhook_deliveries.url", "webhook_endpoints.url", "idempotency_keys.key", "submissions.error_message"),
    } <= set(places)
    assert first.status_code == 202
    assert first.json()["status"] == "erasing"
    assert await found(stack, MARK) == []
    assert await found(stack, "other-5b21") == others_places
    assert set(before) <= set(await stack.pool.fetch(spent))
    assert not [path for path in stack.videos.rglob("*.mp4") if made["done"] in str(path)]
    assert [path for path in stack.videos.rglob("*.mp4") if others["done"] in str(path)]
    assert await stack.pool.fetchval("SELECT count(*) FROM reelwork.job_images WHERE position = 0") > 0
    assert [await kept_by_provider(stack, one) for one in at_provider] == [False, False, True]


async def kept_by_provider(stack: Installation, provider_id: str) -> bool:
    """Whether the provider still shows what was asked of it; names that it does not know it calls invalid."""
    url = f"{stack.simulator.gemini_base_url}/v1beta/interactions/{provider_id}"
    async with httpx.AsyncClient(headers={"x-goog-api-key": "sim-gemini"}) as client:
        answer = await client.get(url)
    assert answer.status_code in (200, 400), answer.text
    return answer.status_code == 200


async def test_a_write_that_was_erased_is_not_done_again_under_its_key(api: Api, stack: Installation) -> None:
    headers = {"Idempotency-Key": f"key {MARK}"}
    body = wish(MARK, WHO, runAt="2099-01-01T00:00:00Z")
    await api.generate(headers=headers, **body)
    stack.start_worker()

    await erased(api)
    again = await api.client.post("/api/video/generate", json=body, headers=headers)
    other = await api.client.post("/api/video/generate", json=body | {"priority": 1}, headers=headers)

    assert (again.status_code, again.json()["code"]) == (410, "erased")
    assert other.status_code == 422
    assert await stack.pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 0


async def test_an_export_shows_all_of_it_page_by_page(api: Api, stack: Installation) -> None:
    made = [await api.generate(**wish(MARK, WHO, sceneId=str(index))) for index in range(3)]
    await api.generate(**wish("other-5b21", "other"))
    form = {"purpose": "vision", "endUserId": WHO}
    await api.client.post("/v1/files", data=form, files={"file": ("face.png", PNG + b"9", "image/png")})

    first = (await api.client.get(f"{PATH}/export?limit=2")).json()
    rest = (await api.client.get(f"{PATH}/export?limit=2&after={first['videos'][-1]['jobId']}")).json()
    video = first["videos"][0]
    image = await api.client.get(video["inputs"][0]["url"])

    assert [one["jobId"] for one in first["videos"] + rest["videos"]] == [one["jobId"] for one in made]
    assert (first["hasMore"], rest["hasMore"], rest["files"]) == (True, False, [])
    assert [one["filename"] for one in first["files"]] == ["face.png"]
    assert (video["endUserId"], video["webhookUrl"]) == (WHO, f"{HOOK}?user={MARK}")
    assert [event["type"] for event in video["events"]] == ["created"]
    assert image.content == PNG + MARK.encode()
    assert "other-5b21" not in json.dumps([first, rest])
    assert (await api.client.get("/api/end-users/nobody/export")).json()["videos"] == []


async def test_a_client_sees_and_erases_its_own_users_only(api: Api, stack: Installation) -> None:
    job_id = (await api.generate(**wish(MARK, WHO)))["jobId"]
    other = await key_of(api, "studio", "read", "generate")

    shown = (await other.get(f"{PATH}/export")).json()
    removed = await other.delete(PATH)

    assert (shown["videos"], shown["files"]) == ([], [])
    assert (removed.status_code, removed.json()["status"]) == (200, "erased")
    assert (await other.get(f"/api/video/{job_id}/inputs/0")).status_code == 404
    assert (await api.job(job_id))["status"] == "queued"


@pytest.mark.parametrize("name", ["", "..", "a/b", "a\u0000", "x" * 201, 7])
async def test_what_cannot_stand_in_a_path_is_no_name(api: Api, name: object) -> None:
    problem = await api.generate(expect=400, endUserId=name)

    assert problem["errors"][0]["path"] == "endUserId"
