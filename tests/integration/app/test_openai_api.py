"""OpenAI's API over plain HTTP: what its SDKs do not show, and what they cannot send."""

import base64
from datetime import timedelta
from uuid import UUID

import httpx
import pytest

from db.connection import Pool
from tests.integration.app.conftest import Api, OpenApi
from tests.integration.app.rows import move

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


async def created(api: Api, **members: object) -> dict[str, object]:
    response = await api.client.post("/v1/videos", json={"prompt": "a cat"} | members)
    assert response.status_code == 200, response.text
    video: dict[str, object] = response.json()
    return video


def job_id_of(video: dict[str, object]) -> str:
    return str(UUID(str(video["id"]).removeprefix("video_")))


async def refusal(response: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert response.status_code == status, response.text
    error: dict[str, object] = response.json()["error"]
    assert set(error) >= {"message", "type", "param", "code"}
    assert error["code"] == code, error
    assert response.headers["x-request-id"]
    return error


async def test_a_form_and_json_say_the_same(api: Api) -> None:
    by_json = await created(api, model="veo", seconds=8, seed=7, audio=False, metadata={"scene": {"no": "3"}})
    form = {
        "prompt": (None, "a cat"),
        "model": (None, "veo"),
        "seconds": (None, "8"),
        "seed": (None, "7"),
        "audio": (None, "false"),
        "metadata[scene][no]": (None, "3"),
    }
    by_form = (await api.client.post("/v1/videos", files=form)).json()

    mine = {"id", "created_at"}
    assert {k: v for k, v in by_form.items() if k not in mine} == {k: v for k, v in by_json.items() if k not in mine}
    assert (by_json["provider"], by_json["size"], by_json["seconds"]) == ("veo", "1280x720", "8")
    assert by_json["metadata"] == {"scene": {"no": "3"}}


@pytest.mark.parametrize(
    ("model", "provider", "chosen"),
    [
        ("sora-2-pro", "sora", "sora-2-pro"),
        ("omni", "omni", "gemini-omni-1.2-flash"),
        ("veo-3.1-fast", "veo", "veo-3.1-fast-generate-001"),
        ("house/wan-2.2", "sora", "wan-2.2"),
    ],
)
async def test_the_models_name_chooses_the_kind(open_api: OpenApi, model: str, provider: str, chosen: str) -> None:
    servers = '{"house": {"url": "http://127.0.0.1:9/v1", "models": ["wan-2.2"], "pricePerSecondUsd": "0.01"}}'
    async with open_api(OPENAI_VIDEOS_SERVERS=servers, GOOGLE_CREDENTIALS_JSON="ya29.token-0123456789") as api:
        video = await created(api, model=model)

    assert (video["provider"], video["model"]) == (provider, chosen)


async def test_a_retired_models_name_goes_on_working_where_it_has_a_successor(open_api: OpenApi) -> None:
    rule = "sora:sora-2=omni:gemini-omni-1.2-flash"
    async with open_api(OPENAI_BASE_URL=None, MODEL_SUCCESSORS=rule) as api:
        video = await created(api, model="sora-2", seconds="8", size="1280x720")
        names = [model["id"] for model in (await api.client.get("/v1/models")).json()["data"]]

    assert (video["model"], video["requested_model"], video["size"]) == ("gemini-omni-1.2-flash", "sora-2", "1280x720")
    assert "sora-2" in names
    assert "sora-2-pro" not in names


async def test_a_retired_model_is_not_found_and_the_refusal_says_what_to_set(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(OPENAI_BASE_URL=None) as api:
        error = await refusal(await api.client.post("/v1/videos", json={"prompt": "x"}), 404, "model_retired")

    assert "MODEL_SUCCESSORS" in str(error["message"])
    assert await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 0


@pytest.mark.parametrize(
    ("members", "param", "code"),
    [
        ({"prompt": None}, "prompt", "invalid_value"),
        ({"seconds": "5"}, "seconds", "invalid_value"),
        ({"aspect_ratio": "wide"}, "aspect_ratio", "invalid_value"),
        ({"negative_prompt": "blur"}, "negative_prompt", "invalid_value"),
        ({"model": "unheard-of"}, "model", "model_not_found"),
        ({"aspect": "16:9"}, "aspect", "invalid_value"),
        ({"input_reference": "me.png"}, "input_reference", "invalid_value"),
        ({"input_reference": {"image_url": "ftp://x"}}, "input_reference", "invalid_value"),
        ({"input_reference": {"image_url": "data:image/png;base64,aGVsbG8="}}, "input_reference", "invalid_value"),
    ],
)
async def test_what_is_wrong_is_named_as_it_was_sent(
    api: Api, members: dict[str, object], param: str, code: str
) -> None:
    response = await api.client.post("/v1/videos", json={"prompt": "a cat"} | members)

    error = await refusal(response, 400, code)
    assert error["param"] == param
    assert response.headers["x-should-retry"] == "false"


async def test_an_image_comes_as_a_file_or_by_address(api: Api, pool: Pool) -> None:
    url = "data:image/png;base64," + base64.b64encode(PNG).decode()
    by_file = await api.client.post(
        "/v1/videos", data={"prompt": "x", "model": "omni"}, files={"input_reference": ("me.png", PNG, "image/png")}
    )
    by_address = await created(api, model="omni", input_reference={"image_url": url})
    await created(api, model="veo", inputs=[{"role": "first_frame", "url": url}, {"role": "last_frame", "url": url}])

    rows = await pool.fetch("SELECT role, content_type FROM reelwork.job_inputs ORDER BY role")
    assert by_file.status_code == 200, by_file.text
    assert by_address["prompt"] == "a cat"
    assert [tuple(row) for row in rows] == [("first_frame", "image/png")] * 3 + [("last_frame", "image/png")]


@pytest.mark.parametrize(
    ("state", "columns", "status", "code"),
    [
        ("submitting", {}, "in_progress", None),
        ("generating", {"progress": 40}, "in_progress", None),
        ("collecting", {}, "in_progress", None),
        ("completed", {}, "completed", None),
        ("failed", {"error_code": "content_filtered", "error_message": "No."}, "failed", "content_filtered"),
        ("cancelled", {}, "failed", "cancelled"),
    ],
)
async def test_only_openais_four_statuses_are_shown(
    api: Api, pool: Pool, state: str, columns: dict[str, object], status: str, code: str | None
) -> None:
    video = await created(api)
    await move(pool, job_id_of(video), state, **columns)

    response = await api.client.get(f"/v1/videos/{video['id']}")

    shown = response.json()
    assert shown["status"] == status
    assert (shown["error"] or {}).get("code") == code
    assert 1000 <= int(response.headers["openai-poll-after-ms"]) <= 10_000


async def test_what_waits_for_a_person_is_in_progress_then_failed_and_completed_if_it_turns_out_well(
    open_api: OpenApi, pool: Pool
) -> None:
    seen = []
    async with open_api(REVIEW_VISIBLE_SECONDS="60") as api:
        video = await created(api)
        for age_s in (30, 90):
            await move(pool, job_id_of(video), "needs_review")
            old = "UPDATE reelwork.video_jobs SET review_at = now() - $1::interval"
            await pool.execute(old, timedelta(seconds=age_s))
            shown = (await api.client.get(f"/v1/videos/{video['id']}")).json()
            seen.append((shown["status"], (shown["error"] or {}).get("code")))
        await move(pool, job_id_of(video), "completed")
        seen.append(((await api.client.get(f"/v1/videos/{video['id']}")).json()["status"], None))

    assert seen == [("in_progress", None), ("failed", "needs_review"), ("completed", None)]


async def test_every_refusal_under_v1_has_openais_shape(api: Api) -> None:
    video = await created(api)
    big = api.client.post("/v1/videos", content=b"{}", headers={"Content-Length": str(1 << 40)})

    await refusal(await api.stranger.get("/v1/videos"), 401, "invalid_api_key")
    await refusal(await api.client.get("/v1/videos/video_unknown"), 404, "not_found")
    await refusal(await api.client.get("/v1/nothing"), 404, "no_such_path")
    await refusal(await api.client.put("/v1/videos"), 405, "method_not_allowed")
    await refusal(await big, 413, "too_large")
    await refusal(await api.client.post("/v1/videos", content=b"{"), 400, "invalid_json")
    form = {"Content-Type": "multipart/form-data"}
    await refusal(await api.client.post("/v1/videos", content=b"x", headers=form), 400, "invalid_form")
    await refusal(await api.client.get("/v1/videos?limit=0"), 400, "invalid_value")
    await refusal(await api.client.get("/v1/videos?order=sideways"), 400, "invalid_value")
    await refusal(await api.client.get("/v1/videos?after=video_unknown"), 404, "not_found")
    await refusal(await api.client.get(f"/v1/videos/{video['id']}/content"), 404, "video_not_ready")
    await refusal(
        await api.client.get(f"/v1/videos/{video['id']}/content?variant=spritesheet"), 400, "unsupported_variant"
    )
    for path in (f"{video['id']}/remix", "edits", "extensions", "characters"):
        error = await refusal(await api.client.post(f"/v1/videos/{path}"), 400, "unsupported_operation")
        assert path.rpartition("/")[2] in str(error["message"])


async def test_an_empty_budget_is_refused_with_what_is_left(open_api: OpenApi) -> None:
    async with open_api(BUDGET_USD_PER_DAY="0.5") as api:
        await created(api, seconds="4")
        response = await api.client.post("/v1/videos", json={"prompt": "another", "seconds": "4"})

    error = await refusal(response, 402, "over_budget")
    assert (error["type"], error["remainingUsd"]) == ("insufficient_quota", 0.1)


async def test_a_database_that_is_away_is_a_server_error_that_the_sdk_may_repeat(open_api: OpenApi) -> None:
    async with open_api(DATABASE_URL="postgresql://127.0.0.1:9/none") as api:
        response = await api.client.get("/v1/videos")

    error = await refusal(response, 503, "unavailable")
    assert error["type"] == "server_error"
    assert "x-should-retry" not in response.headers


async def test_a_queued_video_is_cancelled_by_delete_and_removed_by_the_next(api: Api) -> None:
    path = f"/v1/videos/{(await created(api))['id']}"

    first, shown, second = await api.client.delete(path), await api.client.get(path), await api.client.delete(path)

    assert (first.json()["deleted"], first.json()["status"]) == (False, "failed")
    assert shown.json()["error"]["code"] == "cancelled"
    assert second.json() == {"id": path.rpartition("/")[2], "object": "video.deleted", "deleted": True}
    assert (await api.client.get(path)).status_code == 404


async def test_what_is_paid_for_and_cannot_be_stopped_is_not_deleted_unless_one_insists(api: Api, pool: Pool) -> None:
    video = await created(api)
    await move(pool, job_id_of(video), "generating", provider_job_id="video_1")
    path = f"/v1/videos/{video['id']}"

    refused = await api.client.delete(path)
    insisted = await api.client.delete(f"{path}?discard=true")

    await refusal(refused, 409, "already_paid")
    assert refused.headers["x-should-retry"] == "false"
    assert insisted.json()["status"] == "failed"


async def test_a_client_sees_lists_and_deletes_its_own_videos_only(api: Api) -> None:
    theirs = await created(api)
    answer = await api.client.post("/api/admin/clients", json={"name": "studio"})
    assert answer.status_code in (200, 201), answer.text
    key = {"client": "studio", "name": "k", "scopes": ["generate", "read"]}
    issued = (await api.client.post("/api/admin/keys", json=key)).json()
    headers = {"Authorization": f"Bearer {issued['key']}"}

    listed = await api.stranger.get("/v1/videos", headers=headers)
    assert listed.json() == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}
    for method, path in (("GET", ""), ("GET", "/content"), ("DELETE", ""), ("POST", "/remix")):
        response = await api.stranger.request(method, f"/v1/videos/{theirs['id']}{path}", headers=headers)
        await refusal(response, 404, "not_found")
    await refusal(await api.stranger.get(f"/v1/videos?after={theirs['id']}", headers=headers), 404, "not_found")


async def test_a_key_that_only_reads_may_not_create(api: Api) -> None:
    key = {"name": "k", "scopes": ["read"]}
    issued = (await api.client.post("/api/admin/keys", json=key)).json()

    response = await api.stranger.post("/v1/videos", headers={"Authorization": f"Bearer {issued['key']}"})

    assert (await refusal(response, 403, "missing_scope"))["type"] == "permission_error"


async def test_content_serves_ranges_and_knows_what_the_caller_has(api: Api, pool: Pool) -> None:
    video = await created(api)
    key = await api.store(job_id_of(video), b"0123456789")
    await move(pool, job_id_of(video), "completed", video_key=key)
    path = f"/v1/videos/{video['id']}/content"

    part = await api.client.get(path, headers={"Range": "bytes=2-4"})
    known = await api.client.get(path, headers={"If-None-Match": part.headers["etag"]})
    outside = await api.client.get(path, headers={"Range": "bytes=99-"})

    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    assert known.status_code == 304
    await refusal(outside, 416, "no_such_range")
    await refusal(await api.client.get(f"{path}?variant=thumbnail"), 404, "not_found")
