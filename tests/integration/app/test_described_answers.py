"""Answers have exactly the members that the API's description gives them, and the description is open to all."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from app.reference.areas.examples import JOB, VIDEO_ID
from db.connection import Pool
from tests.integration.app.conftest import Api
from tests.integration.app.rows import living_worker, move

VALUES = {"job_id": JOB, "video_id": VIDEO_ID, "storyboard_id": "film-1", "end_user_id": "user-7", "model": "omni"}


def closed(schema: Any) -> Any:
    """The same schema, which takes no member that it does not name."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: closed(member) for name, member in schema.items()}
    return {"additionalProperties": False, **kept} if isinstance(schema.get("properties"), dict) else kept


async def stock(api: Api, pool: Pool) -> None:
    """Something in every list."""
    await living_worker(pool)
    await api.client.post("/api/webhooks/secret")
    await api.client.post("/api/admin/keys", json={"name": "reader", "scopes": ["read"]})
    await api.generate(jobId=JOB, storyboardId="film-1", endUserId="user-7", metadata={"scene": 2})
    for state in ("needs_review", "cancelled", "failed"):
        await move(pool, (await api.generate())["jobId"], state)
    await move(pool, JOB, "failed", error_code="moderated")


async def test_every_list_and_object_has_the_members_that_are_described(api: Api, pool: Pool) -> None:
    await stock(api, pool)
    described = (await api.stranger.get("/openapi.json")).json()
    asked = 0

    for path, methods in described["paths"].items():
        answer = methods.get("get", {}).get("responses", {}).get("200", {})
        schema = answer.get("content", {}).get("application/json", {}).get("schema")
        if schema is None or path in ("/openapi.json", "/v1/files/{file_id}", "/api/admin/review/{job_id}"):
            continue
        given = await api.client.get(path.format(**VALUES))
        whole = closed({**schema, "components": described["components"]})
        errors = Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(given.json())
        assert given.status_code == 200, path
        assert [(error.json_path, error.message) for error in errors] == [], path
        asked += 1

    assert asked > 25


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/docs/reference.js", "/docs/reference.css"])
async def test_the_description_needs_no_key_and_lets_nothing_in_from_elsewhere(api: Api, path: str) -> None:
    answer = await api.stranger.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_no_other_file_is_under_the_page(api: Api) -> None:
    for name in ("reference.html", "routes.py", "..%2froutes.py", "%2e%2e%2froutes.py"):
        assert (await api.stranger.get(f"/docs/{name}")).status_code == 404, name


async def test_a_wrong_method_is_told_every_method_of_its_path(api: Api) -> None:
    answer = await api.client.put("/api/admin/keys", json={})

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"
