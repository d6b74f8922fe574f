"""One client against another's ids, on every route and in every member of a request that can name one."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from app.bodies import Body
from db.connection import Pool
from tests.integration.app.conftest import Api, OpenApi
from tests.integration.app.rows import move

APP = Path(__file__).parents[3] / "app"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
SECRET_SCENE = "the other client's scene"
CREATE = {"storyboardId": "mine", "provider": "sora", "scene": SECRET_SCENE}
ON_V1 = {"model": "sora-2", "prompt": "what both ask for"}
SHARED = {"Idempotency-Key": "take-1"}

USER = "user-of-the-first-client"

ID_MEMBERS = {
    *("job_id", "storyboard_id", "scene_id", "file_id", "end_user_id"),
    *("client_id", "provider_job_id"),  # on paths for operators and admins alone
}
QUERY_MEMBERS = {
    *("span", "after", "jobId", "storyboardId", "lastEventId", "token", "exp", "sig"),
    *("status", "order", "variant", "limit", "discard"),  # name nothing of anybody
    "by",
}


OPEN_WRITES = {
    ("POST", "/api/events/token"): 201,  # to go on reading
    ("POST", "/api/admin/session"): 400,  # signs in with a key, and this body has none
    ("POST", "/hooks/{kind}"): 404,  # asks for the provider's signature, and there is no such kind
}


@dataclass
class Mine:
    """What one client has; nothing of it may reach another."""

    job: str
    failed: str
    early_v1: str
    link: str
    file: str
    credential: str
    delivery: str
    cursor: str

    @property
    def marks(self) -> set[str]:
        named = {self.job, self.failed, self.early_v1, self.file, self.credential, self.delivery}
        return named | {video_id_of(self.job), video_id_of(self.failed), "zq9x", SECRET_SCENE}


@dataclass(frozen=True)
class Attempt:
    """What the other client sends, and the status that it is to get."""

    path: str
    status: int = 404
    json: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)


def video_id_of(job: str) -> str:
    return "video_" + job.replace("-", "")


def attempts(mine: Mine, own_link: str) -> dict[tuple[str, str], list[Attempt]]:
    """By method and path of each route. A path for operators or admins is refused before it looks at the id."""
    video, create = video_id_of(mine.job), CREATE | {"jobId": mine.job}
    input_ = [{"role": "first_frame", "fileId": mine.file}]
    return {
        ("GET", "/api/events"): [
            Attempt(f"/api/events?jobId={mine.job}"),
            Attempt("/api/events?storyboardId=mine", 200),
            Attempt("/api/events?storyboardId=mine&lastEventId=1", 200),
            Attempt("/api/events?token=forged.token", 401),
        ],
        ("POST", "/api/events/token"): [Attempt("/api/events/token", 404, {"jobId": mine.job})],
        ("POST", "/api/video/generate"): [
            Attempt("/api/video/generate", 409, create),
            Attempt("/api/video/generate", 202, CREATE | {"scene": "theirs"}, SHARED),
            Attempt("/api/video/generate", 400, CREATE | {"inputs": input_}),
        ],
        ("GET", "/api/video/{job_id}"): [Attempt(f"/api/video/{mine.job}")],
        ("PATCH", "/api/video/{job_id}"): [Attempt(f"/api/video/{mine.early_v1}", json={"priority": 0})],
        ("DELETE", "/api/video/{job_id}"): [Attempt(f"/api/video/{mine.job}"), Attempt(f"/api/video/{mine.failed}")],
        ("GET", "/api/video/{job_id}/events"): [Attempt(f"/api/video/{mine.job}/events")],
        ("POST", "/api/video/{job_id}/cancel"): [
            Attempt(f"/api/video/{mine.early_v1}/cancel"),
            Attempt(f"/api/video/{mine.early_v1}/cancel?discard=true"),
        ],
        ("GET", "/api/video/{job_id}/content"): [Attempt(f"/api/video/{mine.job}/content")],
        ("GET", "/api/video/{job_id}/thumbnail"): [Attempt(f"/api/video/{mine.job}/thumbnail")],
        ("GET", "/files/{key:path}"): [
            Attempt(urlsplit(mine.link).path, 403),
            Attempt(f"{urlsplit(mine.link).path}?{urlsplit(own_link).query}", 403),
        ],
        ("GET", "/api/storyboards/{storyboard_id}"): [Attempt("/api/storyboards/mine", 200)],
        ("POST", "/api/storyboards/{storyboard_id}/generate"): [
            Attempt(
                "/api/storyboards/mine/generate",
                409,
                {"scenes": [{"provider": "sora", "scene": SECRET_SCENE, "jobId": mine.job}]},
            ),
        ],
        ("GET", "/api/jobs"): [
            Attempt("/api/jobs", 200),
            Attempt("/api/jobs?storyboardId=mine&status=completed", 200),
            Attempt(f"/api/jobs?after={mine.cursor}", 200),
        ],
        ("GET", "/api/models"): [Attempt("/api/models", 200)],
        ("GET", "/api/credentials"): [Attempt("/api/credentials", 200)],
        ("POST", "/api/credentials"): [
            Attempt("/api/credentials", 400, {"provider": "sora", "key": "sk-0123456789abcdef", "clientId": mine.job})
        ],
        ("DELETE", "/api/credentials/{credential_id}"): [Attempt(f"/api/credentials/{mine.credential}")],
        ("GET", "/api/webhooks"): [Attempt("/api/webhooks", 200)],
        ("PUT", "/api/webhooks"): [Attempt("/api/webhooks", 200, {"url": None})],
        ("POST", "/api/webhooks/secret"): [Attempt("/api/webhooks/secret", 201)],
        ("POST", "/api/webhooks/enable"): [Attempt("/api/webhooks/enable", 404, {"url": "http://127.0.0.1:9/hook"})],
        ("GET", "/api/webhooks/deliveries"): [
            Attempt("/api/webhooks/deliveries", 200),
            Attempt(f"/api/webhooks/deliveries?jobId={mine.failed}", 200),
        ],
        ("POST", "/api/webhooks/deliveries/{delivery_id}/replay"): [
            Attempt(f"/api/webhooks/deliveries/{mine.delivery}/replay")
        ],
        ("POST", "/v1/videos"): [
            Attempt("/v1/videos", 200, ON_V1, {"X-Stainless-Retry-Count": "1"}),
            Attempt("/v1/videos", 409, ON_V1 | {"job_id": mine.job}),
            Attempt("/v1/videos", 400, ON_V1 | {"input_reference": {"file_id": mine.file}}),
        ],
        ("GET", "/v1/videos"): [
            Attempt("/v1/videos", 200),
            Attempt(f"/v1/videos?after={video}"),
            Attempt(f"/v1/videos?after={video}&order=asc"),
        ],
        ("GET", "/v1/videos/{video_id}"): [Attempt(f"/v1/videos/{video}")],
        ("DELETE", "/v1/videos/{video_id}"): [Attempt(f"/v1/videos/{video}")],
        ("GET", "/v1/videos/{video_id}/content"): [Attempt(f"/v1/videos/{video}/content")],
        ("POST", "/v1/videos/{video_id}/remix"): [Attempt(f"/v1/videos/{video}/remix", json={"prompt": "again"})],
        ("POST", "/v1/videos/edits"): [Attempt("/v1/videos/edits", 400, {"video": {"id": video}})],
        ("POST", "/v1/videos/extensions"): [Attempt("/v1/videos/extensions", 400, {"video": {"id": video}})],
        ("POST", "/v1/videos/characters"): [Attempt("/v1/videos/characters", 400, {"video": {"id": video}})],
        ("GET", "/v1/videos/characters/{character_id}"): [Attempt(f"/v1/videos/characters/{video}", 400)],
        ("GET", "/v1/models"): [Attempt("/v1/models", 200)],
        ("GET", "/v1/models/{model:path}"): [Attempt(f"/v1/models/{video}")],
        ("POST", "/v1/files"): [Attempt("/v1/files", 400, {"purpose": "vision", "file": mine.file})],
        ("GET", "/v1/files"): [Attempt("/v1/files", 200), Attempt(f"/v1/files?after={mine.file}")],
        ("GET", "/v1/files/{file_id}"): [Attempt(f"/v1/files/{mine.file}")],
        ("DELETE", "/v1/files/{file_id}"): [Attempt(f"/v1/files/{mine.file}")],
        ("GET", "/v1/files/{file_id}/content"): [Attempt(f"/v1/files/{mine.file}/content")],
        ("GET", "/api/video/{job_id}/inputs/{position}"): [Attempt(f"/api/video/{mine.job}/inputs/0")],
        ("GET", "/api/end-users/{end_user_id}/export"): [Attempt(f"/api/end-users/{USER}/export", 200)],
        ("DELETE", "/api/end-users/{end_user_id}"): [Attempt(f"/api/end-users/{USER}", 200)],
        ("POST", "/hooks/{kind}"): [Attempt("/hooks/sora", 401, {"type": "video.completed", "data": {"id": video}})],
        ("GET", "/openapi.json"): [Attempt("/openapi.json", 200)],
        ("GET", "/docs"): [Attempt("/docs", 200)],
        ("GET", "/docs/{name}"): [Attempt(f"/docs/{mine.job}")],
        ("GET", "/metrics"): [Attempt("/metrics", 403)],
        ("GET", "/admin"): [Attempt("/admin", 200)],
        ("GET", "/admin/{view:path}"): [Attempt(f"/admin/jobs/{mine.job}", 200)],
        ("GET", "/admin/static/{name:path}"): [Attempt(f"/admin/static/{mine.job}")],
    }


def routes_of(api: Api) -> Iterator[tuple[str, str]]:
    """Those of a client's everyday, by method and path."""
    open_to_all = {"/healthz", "/readyz", "/api/health/worker"}
    for route in api.app.routes:
        if route.path not in open_to_all and not route.path.startswith("/api/admin/"):
            yield from ((method, route.path) for method in route.methods - {"HEAD"})


@pytest.fixture
async def api(open_api: OpenApi) -> Any:
    async with open_api(REELWORK_SIMULATED="1") as opened:
        yield opened


async def seen_by_a_new_client(api: Api, name: str, *scopes: str) -> httpx.AsyncClient:
    await api.client.post("/api/admin/clients", json={"name": name})
    body = {"client": name, "name": "test", "scopes": list(scopes)}
    key = (await api.client.post("/api/admin/keys", json=body)).json()["key"]
    transport = httpx.ASGITransport(app=api.app)
    return httpx.AsyncClient(
        transport=transport, base_url="http://api.test", headers={"Authorization": f"Bearer {key}"}
    )


async def made(client: httpx.AsyncClient, path: str, body: dict[str, Any], **headers: str) -> Any:
    answer = await client.post(path, json=body, headers=headers)
    assert answer.is_success, answer.text
    return answer.json()


async def filled(api: Api, pool: Pool, client: httpx.AsyncClient) -> Mine:
    """One of everything that a client can have."""
    await made(client, "/api/webhooks/secret", {})
    assert (await client.put("/api/webhooks", json={"url": "http://127.0.0.1:9/hook"})).is_success
    key = {"provider": "sora", "key": "sk-of-the-first-client-zq9x"}
    credential = (await made(client, "/api/credentials", key))["id"]
    upload = {"purpose": "vision", "file": "data:image/png;base64," + base64.b64encode(PNG).decode()}
    file = (await made(client, "/v1/files", upload))["id"]
    wish = CREATE | {"scene": "theirs", "endUserId": USER}
    job = (await made(client, "/api/video/generate", wish, **SHARED))["jobId"]
    failed = (await made(client, "/api/video/generate", CREATE))["jobId"]
    v1 = (await made(client, "/v1/videos", ON_V1))["id"]
    await move(pool, failed, "failed", error_code="generation_failed")
    await move(pool, job, "completed", video_key=await api.store(job, b"mine"))
    link = (await client.get(f"/api/video/{job}")).json()["videoUrl"]
    cursor = (await client.get("/api/jobs?limit=1")).json()["nextCursor"]
    delivery = await pool.fetchval("SELECT id::text FROM reelwork.webhook_deliveries WHERE job_id = $1::uuid", failed)
    return Mine(job, failed, v1.removeprefix("video_"), link, file, credential, delivery, cursor)


async def rows_of(pool: Pool, name: str) -> list[Any]:
    """All that a client has in the database, but what its own messages have come to."""
    client_id = await pool.fetchval("SELECT id FROM reelwork.clients WHERE name = $1", name)
    tables = ("video_jobs", "credentials", "files", "idempotency_keys", "ledger")
    kept = [await pool.fetch(f"SELECT * FROM reelwork.{table} WHERE client_id = $1", client_id) for table in tables]
    return [
        *kept,
        await pool.fetchval("SELECT count(*) FROM reelwork.webhook_deliveries WHERE client_id = $1", client_id),
    ]


async def test_no_id_of_another_client_opens_anything_on_any_route(api: Api, pool: Pool) -> None:
    async with (
        await seen_by_a_new_client(api, "first", "read", "generate") as first,
        await seen_by_a_new_client(api, "second", "read", "generate") as second,
    ):
        mine, own = await filled(api, pool, first), await made(second, "/api/video/generate", CREATE | {"scene": "y"})
        await move(pool, own["jobId"], "completed", video_key=await api.store(own["jobId"], b"theirs"))
        own_link = (await second.get(f"/api/video/{own['jobId']}")).json()["videoUrl"]
        before, table = await rows_of(pool, "first"), attempts(mine, own_link)

        for (method, _), tries in table.items():
            for one in tries:
                answer = await second.request(method, one.path, json=one.json, headers=one.headers)
                assert answer.status_code == one.status, (method, one, answer.text)
                assert "idempotent-replayed" not in answer.headers
                sent = f"{one.path} {one.json}"
                assert not {mark for mark in mine.marks if mark in answer.text and mark not in sent}, (method, one)

        assert await rows_of(pool, "first") == before
        assert set(table) == set(routes_of(api))


async def test_every_id_that_a_request_can_carry_is_tried_above() -> None:
    sources = [path.read_text() for path in APP.rglob("*.py")]
    asked = {name for text in sources for name in re.findall(r"query_params\.get\(\"(\w+)\"", text)}
    asked |= {name for text in sources for name in re.findall(r"(?:number|flag)\(call\.request, \"(\w+)\"", text)}

    assert {name for name in members(Body) if name.endswith("_id")} == ID_MEMBERS
    assert asked <= QUERY_MEMBERS


def members(model: type[Body]) -> set[str]:
    """The members of every body that the API takes."""
    return set(model.model_fields).union(*(members(below) for below in model.__subclasses__()))


async def test_a_key_that_may_read_can_do_nothing_else(api: Api, pool: Pool) -> None:
    async with await seen_by_a_new_client(api, "reader", "read") as reader:
        for route in api.app.routes:
            for method in route.methods - {"HEAD", "GET"}:
                answer = await reader.request(method, re.sub(r"\{\w+\}", "x", route.path), json={})
                assert answer.status_code == OPEN_WRITES.get((method, route.path), 403), (method, route.path)

    assert await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 0
