"""Every write of the API under an Idempotency-Key: done once, answered twice."""

import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from starlette.routing import Route

from app.openai.ids import video_id
from app.routes import all_routes
from db.connection import Pool
from tests.integration.app.conftest import Api
from tests.integration.app.rows import committed, move
from tests.integration.app.shown import Shown, shows

KEY = {"Idempotency-Key": "a key"}
VIDEO = {"storyboardId": "s", "provider": "sora", "scene": "x"}
STORED = {"provider": "sora", "key": "sk-stored-0123456789abcdef"}
IMAGE = {"purpose": "vision", "file": "data:image/png;base64,iVBORw0KGgo="}
HOOK = "https://198.51.100.7/hook"
NEW_KEY = {"name": "ci", "scopes": ["read"]}

Maker = Callable[[Api, Pool], Awaitable[str]]


def job(state: str = "queued") -> Maker:
    """The id of a new video in that state."""

    async def make(api: Api, pool: Pool) -> str:
        job_id: str = (await api.generate(sceneId=str(uuid4())))["jobId"]
        if state != "queued":
            await move(pool, job_id, state)
        return job_id

    return make


def posted(path: str, body: dict[str, Any]) -> Maker:
    """The id of what this call makes."""

    async def make(api: Api, pool: Pool) -> str:
        return str((await api.client.post(path, json=body)).json()["id"])

    return make


async def video(api: Api, pool: Pool) -> str:
    """The id of an ended video, as OpenAI's clients know it."""
    return video_id(UUID(await job("completed")(api, pool)))


async def lane(api: Api, pool: Pool) -> str:
    await api.generate()
    return str(await pool.fetchval("SELECT id FROM reelwork.lanes"))


async def told(api: Api, pool: Pool) -> str:
    """The id of a message to an address that was then switched off."""
    await api.client.post("/api/webhooks/secret")
    client_id, job_id = await pool.fetchval("SELECT id FROM reelwork.clients"), await job()(api, pool)
    endpoint = "INSERT INTO reelwork.webhook_endpoints (client_id, url, disabled_at) VALUES ($1, $2, now())"
    await pool.execute(endpoint, client_id, HOOK)
    message = (
        "INSERT INTO reelwork.webhook_deliveries (id, client_id, job_id, url, type) "
        "VALUES (gen_random_uuid(), $1, $2::uuid, $3, 'video.completed') RETURNING id"
    )
    return str(await pool.fetchval(message, client_id, job_id, HOOK))


async def elsewhere(api: Api, pool: Pool) -> str:
    """A provider that shows one video of another system."""
    shows(api, Shown("video_elsewhere"))
    return ""


async def anna(api: Api, pool: Pool) -> str:
    await api.generate(endUserId="anna")
    return "anna"


async def nothing(api: Api, pool: Pool) -> str:
    return "film"


WRITES: dict[str, tuple[Maker, dict[str, Any] | None]] = {
    "POST /api/video/generate": (nothing, VIDEO),
    "POST /api/storyboards/{storyboard_id}/generate": (
        nothing,
        {"defaults": {"provider": "sora"}, "scenes": [{"scene": "x"}]},
    ),
    "PATCH /api/video/{job_id}": (job(), {"priority": 0}),
    "POST /api/video/{job_id}/cancel": (job(), None),
    "DELETE /api/video/{job_id}": (job("completed"), None),
    "POST /api/admin/queue/retry/{job_id}": (job("failed"), None),
    "POST /api/admin/jobs/{job_id}/resolve": (job("needs_review"), {"action": "resubmit"}),
    "PATCH /api/admin/lanes/{lane_id}": (lane, {"ratePerMinute": 30}),
    "POST /api/admin/clients": (nothing, {"name": "studio"}),
    "POST /api/admin/keys": (nothing, NEW_KEY),
    "DELETE /api/admin/keys/{key_id}": (posted("/api/admin/keys", NEW_KEY), None),
    "POST /api/admin/credentials": (nothing, STORED),
    "DELETE /api/admin/credentials/{credential_id}": (posted("/api/admin/credentials", STORED), None),
    "POST /api/admin/pause": (nothing, {"reason": "an invoice"}),
    "POST /api/admin/resume": (nothing, None),
    "POST /api/admin/queue/cleanup": (nothing, None),
    "POST /api/admin/keys/{key_id}/rotate": (posted("/api/admin/keys", NEW_KEY), None),
    "PATCH /api/admin/clients/{client_id}": (posted("/api/admin/clients", {"name": "studio"}), {"weight": 2}),
    "POST /api/credentials": (nothing, STORED),
    "DELETE /api/credentials/{credential_id}": (posted("/api/credentials", STORED), None),
    "POST /api/admin/import": (elsewhere, VIDEO | {"jobId": str(uuid4()), "providerJobId": "video_elsewhere"}),
    "PUT /api/webhooks": (told, {"url": HOOK}),
    "POST /api/webhooks/secret": (nothing, None),
    "POST /api/webhooks/enable": (told, {"url": HOOK}),
    "POST /api/webhooks/deliveries/{delivery_id}/replay": (told, None),
    "POST /v1/videos": (nothing, {"prompt": "a harbour"}),
    "DELETE /v1/videos/{video_id}": (video, None),
    "POST /v1/files": (nothing, IMAGE),
    "DELETE /v1/files/{file_id}": (posted("/v1/files", IMAGE), None),
    "POST /api/events/token": (nothing, None),
    "DELETE /api/end-users/{end_user_id}": (anna, None),
}

REFUSED = {f"POST /v1/videos/{what}" for what in ("edits", "extensions", "characters", "{video_id}/remix")}
"""Writes that this server does not do."""

AGAIN = {
    "POST /api/admin/session",
    "DELETE /api/admin/session",
    "POST /api/admin/jobs/bulk",
    "POST /api/admin/alerts/test",
    "POST /hooks/{kind}",
}
"""Writes of a person's page or of a provider, which do the same again without harm: their tests are elsewhere."""


@pytest.mark.parametrize("write", WRITES)
async def test_it_is_done_once_and_answered_twice(api: Api, pool: Pool, write: str) -> None:
    make, body = WRITES[write]
    method, _, path = write.partition(" ")
    url = re.sub(r"{\w+}", await make(api, pool), path)
    first = await api.client.request(method, url, json=body, headers=KEY)
    done = await traces(pool)

    again = await api.client.request(method, url, json=body, headers=KEY)
    other = await api.client.request(method, url, json={"another": "body"}, headers=KEY)

    assert first.is_success, first.text
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, "idempotency_key_reused" in other.text) == (422, True)
    assert await traces(pool) == done


def test_there_is_no_other_write() -> None:
    routes = [route for route in all_routes() if isinstance(route, Route)]
    found = {f"{method} {route.path}" for route in routes for method in route.methods or ()}

    assert {write for write in found if not write.startswith(("GET", "HEAD"))} == WRITES.keys() | REFUSED | AGAIN


async def traces(pool: Pool) -> list[int]:
    """What a write leaves behind: rows, lines of timelines, money."""
    tables = ("video_jobs", "job_events", "clients", "client_keys", "credentials", "files", "images")
    return [await pool.fetchval(f"SELECT count(*) FROM reelwork.{table}") for table in tables] + [await committed(pool)]
