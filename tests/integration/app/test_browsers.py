"""What a browser may do with an answer, and what a page of another site can do with a browser that holds cookies."""

from collections.abc import Mapping
from uuid import uuid4

import pytest

from app.headers import USUAL
from db.connection import Pool
from tests.integration.app.conftest import Api, OpenApi
from tests.integration.app.rows import move

PAGE = "https://studio.example"
COOKIES = "api_key_sora=sk-caller-0123456789; api_key_veo=x; api_key_omni=AIzaCaller0123456789"
BODY = '{"storyboardId": "s", "provider": "sora", "scene": "x"}'


def preflight(origin: str) -> dict[str, str]:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    return {"Origin": origin} | asked


def kept(headers: Mapping[str, str]) -> dict[str, str | None]:
    return {name: headers.get(name) for name in USUAL}


async def test_every_answer_says_that_it_is_data_for_no_frame_and_no_cache(api: Api) -> None:
    job_id = (await api.generate())["jobId"]
    key = {"name": "k", "scopes": ["read"]}
    answers = [
        await api.stranger.get("/healthz"),
        await api.stranger.get("/no/such/path"),
        await api.stranger.put("/healthz"),
        await api.stranger.get("/api/jobs"),
        await api.stranger.get("/files/x?exp=1&sig=x"),
        await api.client.get(f"/api/video/{job_id}"),
        await api.client.post("/api/video/generate", content=b"{"),
        await api.client.post("/api/admin/keys", json=key),
        await api.client.get("/v1/videos"),
        await api.client.get("/v1/videos/video_x"),
    ]

    assert {answer.status_code for answer in answers} >= {200, 201, 400, 401, 403, 404, 405}
    assert [kept(answer.headers) for answer in answers] == [USUAL] * len(answers)
    assert "server" not in answers[0].headers


async def test_a_stored_video_may_be_shown_by_other_pages_and_runs_nothing(api: Api, pool: Pool) -> None:
    job_id = (await api.generate())["jobId"]
    key = await api.store(job_id, b"<script>")
    await move(pool, job_id, "completed", video_key=key)

    link = (await api.job(job_id))["videoUrl"]
    shown = await api.stranger.get(link)

    assert shown.status_code == 200
    assert shown.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-type"] == "video/mp4"


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "application/json", None],
)
@pytest.mark.parametrize("path", ["/api/video/generate", "/v1/videos"])
async def test_cookies_alone_create_nothing(api: Api, pool: Pool, path: str, content_type: str | None) -> None:
    headers = {"Cookie": COOKIES, "Origin": "https://evil.example"}
    headers |= {"Content-Type": content_type} if content_type else {}

    answer = await api.stranger.post(path, content=BODY, headers=headers)

    assert answer.status_code == 401
    assert await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 0
    assert "access-control-allow-origin" not in answer.headers


async def test_without_the_setting_no_other_page_may_read_or_ask(api: Api) -> None:
    read = await api.client.get("/api/jobs", headers={"Origin": PAGE})
    asked = await api.stranger.options("/api/jobs", headers=preflight(PAGE))

    assert "access-control-allow-origin" not in read.headers
    assert asked.status_code == 405


async def test_only_pages_of_the_setting_may_and_never_with_cookies(open_api: OpenApi) -> None:
    async with open_api(CORS_ORIGINS=PAGE) as api:
        read = await api.client.get("/api/jobs", headers={"Origin": PAGE})
        elsewhere = await api.client.get("/api/jobs", headers={"Origin": "https://evil.example"})
        asked = await api.stranger.options("/api/jobs", headers=preflight(PAGE))
        refused = [
            await api.stranger.options("/api/jobs", headers=preflight(origin))
            for origin in ("https://evil.example", "null", "http://studio.example", f"{PAGE}.evil.example")
        ]

    assert read.headers["access-control-allow-origin"] == asked.headers["access-control-allow-origin"] == PAGE
    assert "authorization" in asked.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-origin" not in elsewhere.headers
    assert {answer.status_code for answer in refused} == {400}
    assert all("access-control-allow-origin" not in answer.headers for answer in refused)
    assert all("access-control-allow-credentials" not in answer.headers for answer in (read, asked))


async def test_what_is_anothers_what_is_gone_and_what_never_was_answer_alike(api: Api) -> None:
    foreign = (await api.generate())["jobId"]
    body = {"client": "studio", "name": "k", "scopes": ["read", "generate"]}
    await api.client.post("/api/admin/clients", json={"name": "studio"})
    key = (await api.client.post("/api/admin/keys", json=body)).json()["key"]
    api.stranger.headers["Authorization"] = f"Bearer {key}"

    async def told(job_id: str) -> list[tuple[int, str]]:
        asked = [
            ("GET", f"/api/video/{job_id}"),
            ("GET", f"/api/video/{job_id}/events"),
            ("GET", f"/api/video/{job_id}/content"),
            ("POST", f"/api/video/{job_id}/cancel"),
            ("DELETE", f"/api/video/{job_id}"),
            ("GET", f"/v1/videos/video_{job_id.replace('-', '')}"),
            ("DELETE", f"/v1/videos/video_{job_id.replace('-', '')}"),
            ("GET", f"/v1/videos?after=video_{job_id.replace('-', '')}"),
        ]
        answers = [await api.stranger.request(method, path) for method, path in asked]
        return [(answer.status_code, answer.text) for answer in answers]

    assert await told(foreign) == await told(str(uuid4()))


async def test_a_wrong_a_revoked_and_an_expired_key_are_told_the_same(api: Api, pool: Pool) -> None:
    made = [(await api.client.post("/api/admin/keys", json={"name": n, "scopes": ["read"]})).json() for n in "ab"]
    await pool.execute("UPDATE reelwork.client_keys SET expires_at = now() - interval '1 s' WHERE name = 'a'")
    await pool.execute("UPDATE reelwork.client_keys SET revoked_at = now() WHERE name = 'b'")

    told = {
        (answer.status_code, answer.text)
        for key in ("rw_never", made[0]["key"], made[1]["key"])
        for answer in [await api.stranger.get("/api/jobs", headers={"Authorization": f"Bearer {key}"})]
    }

    assert len(told) == 1
    assert {status for status, _ in told} == {401}
