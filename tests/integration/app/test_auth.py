"""Who may call what: no key, a wrong one, one without the scope, and one of another client."""

import httpx
import pytest

from db.connection import Pool
from tests.integration.app.conftest import Api
from tests.integration.app.rows import move

GUARDED = [
    *(("POST", "/api/video/generate"), ("GET", "/api/video/x"), ("PATCH", "/api/video/x"), ("DELETE", "/api/video/x")),
    *(("GET", "/api/video/x/events"), ("GET", "/api/video/x/content"), ("GET", "/api/video/x/thumbnail")),
    *(("POST", "/api/video/x/cancel"), ("GET", "/api/storyboards/x"), ("POST", "/api/storyboards/x/generate")),
    *(("GET", "/api/jobs"), ("GET", "/api/models"), ("GET", "/api/admin/queue"), ("GET", "/api/admin/queue/failed")),
    *(("POST", "/api/admin/queue/retry/x"), ("POST", "/api/admin/queue/cleanup"), ("GET", "/api/admin/review")),
    *(("POST", "/api/admin/jobs/x/resolve"), ("GET", "/api/admin/lanes"), ("PATCH", "/api/admin/lanes/x")),
    *(("DELETE", "/api/end-users/x"), ("GET", "/api/end-users/x/export"), ("GET", "/api/video/x/inputs/x")),
    *(("POST", "/api/admin/pause"), ("POST", "/api/admin/resume"), ("GET", "/api/admin/clients")),
    *(("POST", "/api/admin/clients"), ("GET", "/api/admin/keys"), ("POST", "/api/admin/keys")),
    *(("DELETE", "/api/admin/keys/x"), ("GET", "/api/admin/credentials"), ("POST", "/api/admin/credentials")),
    *(("DELETE", "/api/admin/credentials/x"), ("POST", "/v1/videos"), ("GET", "/v1/videos"), ("GET", "/v1/videos/x")),
    *(("DELETE", "/v1/videos/x"), ("GET", "/v1/videos/x/content"), ("POST", "/v1/videos/x/remix")),
    *(("POST", "/v1/videos/edits"), ("POST", "/v1/videos/extensions"), ("POST", "/v1/videos/characters")),
    *(("GET", "/v1/videos/characters/x"), ("GET", "/v1/models"), ("GET", "/v1/models/x")),
    *(("POST", "/v1/files"), ("GET", "/v1/files"), ("GET", "/v1/files/x"), ("GET", "/v1/files/x/content")),
    ("DELETE", "/v1/files/x"),
    *(("GET", "/api/events"), ("POST", "/api/events/token"), ("GET", "/api/webhooks"), ("PUT", "/api/webhooks")),
    *(("POST", "/api/webhooks/secret"), ("POST", "/api/webhooks/enable"), ("GET", "/api/webhooks/deliveries")),
    *(("POST", "/api/webhooks/deliveries/x/replay"), ("GET", "/api/admin/webhooks")),
    *(("GET", "/api/admin/spend"), ("GET", "/api/admin/ledger.csv")),
    *(("POST", "/api/admin/import"), ("PATCH", "/api/admin/clients/x"), ("POST", "/api/admin/keys/x/rotate")),
    *(("GET", "/api/admin/jobs"), ("POST", "/api/admin/jobs/bulk"), ("GET", "/api/admin/choices")),
    *(("GET", "/metrics"), ("GET", "/api/admin/alerts"), ("POST", "/api/admin/alerts/test")),
    *(("GET", "/api/admin/audit"), ("GET", "/api/admin/overview"), ("GET", "/api/admin/history")),
    *(("GET", "/api/admin/jobs/x"), ("GET", "/api/admin/storyboards"), ("GET", "/api/admin/review/x")),
    *(("GET", "/api/credentials"), ("POST", "/api/credentials"), ("DELETE", "/api/credentials/x")),
]
OPERATORS = [(method, path) for method, path in GUARDED if path.startswith(("/api/admin", "/metrics"))]


async def key_of(api: Api, client: str, *scopes: str) -> httpx.AsyncClient:
    """The same API as seen with a new key of a client, who is made if need be."""
    await api.client.post("/api/admin/clients", json={"name": client})
    body = {"client": client, "name": "test", "scopes": list(scopes)}
    made = await api.client.post("/api/admin/keys", json=body)
    assert made.status_code == 201, made.text
    api.stranger.headers["Authorization"] = f"Bearer {made.json()['key']}"
    return api.stranger


async def test_every_path_but_the_open_ones_asks_for_a_key(api: Api) -> None:
    for method, path in GUARDED:
        none = await api.stranger.request(method, path)
        wrong = await api.stranger.request(method, path, headers={"Authorization": "Bearer wrong"})

        assert (none.status_code, wrong.status_code) == (401, 401), path
        assert none.headers["www-authenticate"].startswith("Bearer")
        assert "unauthorized" in none.text or "invalid_api_key" in none.text


async def test_the_list_of_guarded_paths_above_is_complete(api: Api) -> None:
    open_paths = {
        "/openapi.json",
        "/docs",
        "/docs/{name}",
        "/hooks/{kind}",
        "/healthz",
        "/readyz",
        "/api/health/worker",
        "/files/{key:path}",
        "/api/admin/session",
    }
    known = {(method, path.replace("/x", "/{}")) for method, path in GUARDED}

    for route in api.app.routes:
        if route.path in open_paths or route.path.startswith("/admin"):
            continue
        methods = route.methods - {"HEAD"}
        shape = "/".join("{}" if part.startswith("{") else part for part in route.path.split("/"))
        assert {(method, shape) for method in methods} <= known, route.path


async def test_a_key_without_the_scope_is_refused_by_name(api: Api) -> None:
    reader = await key_of(api, "studio", "read")

    create = await reader.post("/api/video/generate", json={})
    operate = [await reader.request(method, path) for method, path in OPERATORS]

    assert (create.status_code, create.json()["scope"]) == (403, "generate")
    assert {answer.status_code for answer in operate} == {403}
    assert (await reader.get("/api/jobs")).status_code == 200


async def test_a_client_sees_and_touches_only_its_own(api: Api, pool: Pool) -> None:
    job_id = (await api.generate(storyboardId="mine"))["jobId"]
    await move(pool, job_id, "failed")
    other = await key_of(api, "studio", "read", "generate")
    own = await other.post(
        "/api/video/generate", json={"storyboardId": "theirs", "provider": "sora", "scene": "their scene"}
    )

    assert own.status_code == 202
    assert (await other.get(f"/api/video/{job_id}")).status_code == 404
    assert (await other.get(f"/api/video/{job_id}/events")).status_code == 404
    assert (await other.post(f"/api/video/{job_id}/cancel")).status_code == 404
    assert (await other.delete(f"/api/video/{job_id}")).status_code == 404
    assert (await other.get("/api/storyboards/mine")).status_code == 404
    listed = (await other.get("/api/jobs")).json()["jobs"]
    assert [job["jobId"] for job in listed] == [own.json()["jobId"]]
    taken = {"storyboardId": "s", "provider": "sora", "scene": "x", "jobId": job_id}
    assert (await other.post("/api/video/generate", json=taken)).status_code == 409
    everybodys = (await api.client.get("/api/jobs")).json()["jobs"]
    assert len(everybodys) == 2


async def test_a_revoked_key_no_longer_opens_anything(api: Api, pool: Pool) -> None:
    reader = await key_of(api, "studio", "read")
    (key,) = (await api.client.get("/api/admin/keys")).json()["keys"]

    revoked = await api.client.delete(f"/api/admin/keys/{key['id']}")

    assert revoked.json()["status"] == "revoked"
    assert (await reader.get("/api/jobs")).status_code == 401
    assert (await api.client.delete(f"/api/admin/keys/{key['id']}")).status_code == 404


async def test_a_key_is_shown_once_and_kept_as_a_hash(api: Api, pool: Pool) -> None:
    made = (await api.client.post("/api/admin/keys", json={"name": "k", "scopes": ["read"]})).json()

    (listed,) = (await api.client.get("/api/admin/keys")).json()["keys"]
    assert made["key"].startswith(made["prefix"])
    assert "key" not in listed
    assert made["key"] not in str(await pool.fetch("SELECT * FROM reelwork.client_keys"))


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YWRtaW4=", "Bearer \xff\xfe"])
async def test_a_malformed_authorization_is_401(api: Api, header: str) -> None:
    answer = await api.stranger.get("/api/jobs", headers={"Authorization": header.encode("latin-1")})

    assert answer.status_code == 401
