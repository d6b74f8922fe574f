"""Images uploaded once and named in requests, by clients of either API."""

import base64
from typing import Any

import pytest

from app.images import MAX_IMAGE_BYTES
from db.connection import Pool
from tests.integration.app.conftest import Api
from tests.integration.app.test_auth import key_of

PNG = b"\x89PNG\r\n\x1a\n" + bytes(62)


async def uploaded(api: Api, data: bytes = PNG, **fields: str) -> Any:
    form = {"purpose": "vision"} | fields
    response = await api.client.post("/v1/files", data=form, files={"file": ("first.png", data, "text/plain")})
    return response.json() | {"http_status": response.status_code}


async def test_an_upload_is_shown_listed_read_and_removed(api: Api) -> None:
    made = await uploaded(api)
    path = f"/v1/files/{made['id']}"
    listed = (await api.client.get("/v1/files")).json()
    content = await api.client.get(f"{path}/content")
    removed = (await api.client.delete(path)).json()

    shown = {name: made[name] for name in ("object", "bytes", "filename", "purpose", "status")}
    assert shown == {
        "object": "file",
        "bytes": 70,
        "filename": "first.png",
        "purpose": "vision",
        "status": "processed",
    }
    assert made["expires_at"] - made["created_at"] == 30 * 24 * 3600
    assert [file["id"] for file in listed["data"]] == [made["id"]]
    assert (content.content, content.headers["content-type"]) == (PNG, "image/png")
    assert removed == {"id": made["id"], "object": "file", "deleted": True}
    assert (await api.client.get(path)).status_code == 404


async def test_lists_page_from_the_newest(api: Api) -> None:
    made = [(await uploaded(api))["id"] for _ in range(3)]

    first = (await api.client.get("/v1/files?limit=2")).json()
    rest = (await api.client.get(f"/v1/files?limit=2&after={first['last_id']}")).json()

    assert ([file["id"] for file in first["data"]], first["has_more"]) == ([made[2], made[1]], True)
    assert ([file["id"] for file in rest["data"]], rest["has_more"]) == ([made[0]], False)


async def test_a_picture_that_comes_in_five_times_is_kept_once(api: Api, pool: Pool) -> None:
    url = "data:image/png;base64," + base64.b64encode(PNG).decode()
    file_id = (await uploaded(api))["id"]
    body = {"model": "omni", "prompt": "it moves"}

    await api.generate(provider="omni", inputs=[{"role": "first_frame", "url": url}])
    await api.generate(provider="omni", inputs=[{"role": "first_frame", "fileId": file_id}])
    by_id = await api.client.post("/v1/videos", json=body | {"input_reference": {"file_id": file_id}})
    in_a_list = body | {"inputs": [{"role": "first_frame", "file_id": file_id}]}
    by_list = await api.client.post("/v1/videos", json=in_a_list)

    assert (by_id.status_code, by_list.status_code) == (200, 200), by_id.text + by_list.text
    assert await pool.fetchval("SELECT count(*) FROM reelwork.job_images") == 4
    assert await pool.fetchval("SELECT count(*) FROM reelwork.images") == 1


async def test_a_video_keeps_the_image_of_a_file_that_is_removed(api: Api, pool: Pool) -> None:
    file_id = (await uploaded(api))["id"]
    await api.generate(provider="omni", inputs=[{"role": "first_frame", "fileId": file_id}])

    await api.client.delete(f"/v1/files/{file_id}")

    kept = "SELECT i.data FROM reelwork.job_images j JOIN reelwork.images i ON i.id = j.image_id"
    assert await pool.fetchval(kept) == PNG
    again = await api.generate(400, provider="omni", inputs=[{"role": "first_frame", "fileId": file_id}])
    assert again["errors"] == [{"path": "inputs.0.fileId", "message": "is no file of yours"}]


async def test_files_are_their_clients_own(api: Api) -> None:
    file_id = (await uploaded(api))["id"]
    other = await key_of(api, "studio", "generate", "read")

    assert (await other.get("/v1/files")).json()["data"] == []
    for method, path in (("GET", ""), ("GET", "/content"), ("DELETE", "")):
        assert (await other.request(method, f"/v1/files/{file_id}{path}")).status_code == 404
    assert (await other.get(f"/v1/files?after={file_id}")).status_code == 404
    used = {"prompt": "x", "model": "omni", "input_reference": {"file_id": file_id}}
    refused = await other.post("/v1/videos", json=used)
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "input_reference")


@pytest.mark.parametrize(
    ("data", "fields", "param"),
    [
        (b"<svg/>", {}, "file"),
        (PNG + bytes(MAX_IMAGE_BYTES), {}, "file"),
        (PNG, {"purpose": "fine-tune"}, "purpose"),
        (PNG, {"expires_after[seconds]": "60"}, "expires_after"),
        (PNG, {"expires_after[seconds]": "9999999999999"}, "expires_after"),
    ],
    ids=["no image", "too large", "another purpose", "too short", "too long"],
)
async def test_what_is_no_image_to_keep_is_refused(
    api: Api, pool: Pool, data: bytes, fields: dict[str, str], param: str
) -> None:
    answer = await uploaded(api, data, **fields)

    assert (answer["http_status"], answer["error"]["param"]) == (400, param)
    assert await pool.fetchval("SELECT count(*) FROM reelwork.images") == 0


async def test_an_upload_may_ask_to_be_forgotten_sooner(api: Api) -> None:
    made = await uploaded(api, **{"expires_after[anchor]": "created_at", "expires_after[seconds]": "7200"})

    assert made["expires_at"] - made["created_at"] == 7200
