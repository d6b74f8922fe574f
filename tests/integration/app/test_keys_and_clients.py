"""Clients and their keys: made, changed, replaced with an overlap, revoked; and the provider keys that they store."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.auth import Authenticator
from app.problems import Problem
from db.connection import Pool
from reelwork.testing import running_simulator
from tests.integration.app.conftest import ADMIN_KEY, Api, OpenApi
from tests.integration.app.test_auth import key_of


async def made(api: Api, path: str, **body: Any) -> Any:
    answer = await api.client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def status(api: Api, key: str) -> int:
    answer = await api.stranger.get("/api/jobs", headers={"Authorization": f"Bearer {key}"})
    return answer.status_code


async def test_a_replaced_key_opens_everything_for_its_overlap_and_then_nothing(api: Api, pool: Pool) -> None:
    until = (datetime.now(UTC) + timedelta(days=90)).isoformat()
    old = await made(api, "/api/admin/keys", name="ci", scopes=["read"], expiresAt=until)

    new = await made(api, f"/api/admin/keys/{old['id']}/rotate", overlapSeconds=3600)

    assert (new["name"], new["scopes"], new["clientId"]) == (old["name"], old["scopes"], old["clientId"])
    assert new["replaces"]["id"] == old["id"]
    ends = datetime.fromisoformat(new["replaces"]["expiresAt"]) - datetime.now(UTC)
    assert timedelta(minutes=50) < ends <= timedelta(hours=1)
    assert abs(datetime.fromisoformat(new["expiresAt"]) - datetime.fromisoformat(until)) < timedelta(minutes=10)
    assert (await status(api, old["key"]), await status(api, new["key"])) == (200, 200)

    at_once = await made(api, f"/api/admin/keys/{new['id']}/rotate", overlapSeconds=0)
    await pool.execute("UPDATE reelwork.client_keys SET expires_at = now() WHERE id = $1::uuid", old["id"])
    seen_by_another_process = Authenticator(ADMIN_KEY, pool, lambda: 0.0)
    assert (await seen_by_another_process.authenticate(f"Bearer {at_once['key']}")).client_name == "default"
    for ended in (old, new):
        with pytest.raises(Problem, match="401"):
            await seen_by_another_process.authenticate(f"Bearer {ended['key']}")
        again = await api.client.post(f"/api/admin/keys/{ended['id']}/rotate", json={})
        assert again.status_code == 404


async def test_a_revocation_is_heard_within_a_second_in_every_process(api: Api, pool: Pool) -> None:
    key, now = await made(api, "/api/admin/keys", name="ci", scopes=["read"]), 0.0
    processes = [Authenticator(ADMIN_KEY, pool, lambda: now) for _ in range(3)]
    for process in processes:
        await process.authenticate(f"Bearer {key['key']}")

    assert (await api.client.delete(f"/api/admin/keys/{key['id']}")).status_code == 200
    now = 1.0

    for process in processes:
        with pytest.raises(Problem, match="401"):
            await process.authenticate(f"Bearer {key['key']}")


async def test_a_clients_name_and_share_change_one_by_one(api: Api) -> None:
    client = await made(api, "/api/admin/clients", name="studio", weight=2)
    await made(api, "/api/admin/clients", name="other")
    path = f"/api/admin/clients/{client['id']}"

    renamed = (await api.client.patch(path, json={"name": "film"})).json()
    weighed = (await api.client.patch(path, json={"weight": 5})).json()
    refused = [
        (await api.client.patch(path, json={"name": "other"})).status_code,
        (await api.client.patch(path, json={})).status_code,
        (await api.client.patch(path, json={"weight": 0})).status_code,
        (await api.client.patch(f"/api/admin/clients/{'0' * 32}", json={"weight": 1})).status_code,
    ]
    default = next(one for one in (await api.client.get("/api/admin/clients")).json()["clients"])
    builtin = await api.client.patch(f"/api/admin/clients/{default['id']}", json={"name": "mine"})

    assert (renamed["name"], renamed["weight"]) == ("film", 2)
    assert (weighed["name"], weighed["weight"]) == ("film", 5)
    assert refused == [409, 400, 400, 404]
    assert (default["name"], builtin.status_code) == ("default", 400)


async def test_a_client_keeps_its_own_provider_keys(api: Api) -> None:
    await made(api, "/api/admin/credentials", provider="sora", key="sk-of-the-default-client-1111")
    await api.generate()
    client = await key_of(api, "studio", "read", "generate")

    stored = await client.post("/api/credentials", json={"provider": "sora", "key": "sk-of-the-studio-2222"})
    listed = (await client.get("/api/credentials")).json()["credentials"]

    assert stored.status_code == 201
    assert (stored.json()["checked"], stored.json()["last4"]) == (False, "2222")
    assert [one["id"] for one in listed] == [stored.json()["id"]]
    assert "sk-of-the-studio" not in stored.text
    assert (await client.delete(f"/api/credentials/{stored.json()['id']}")).json()["status"] == "revoked"
    everybodys = (await api.client.get("/api/admin/credentials")).json()["credentials"]
    others = [one["id"] for one in everybodys if one["id"] != stored.json()["id"]]
    assert {(await client.delete(f"/api/credentials/{other}")).status_code for other in others} == {404}


async def test_a_provider_key_is_tried_before_it_is_stored(open_api: OpenApi, pool: Pool) -> None:
    with running_simulator(lean=True) as simulator:
        async with open_api(OPENAI_BASE_URL=simulator.openai_base_url) as api:
            good = await made(api, "/api/admin/credentials", provider="sora", key="sk-good-0123456789")
            body = {"provider": "sora", "key": "bad-key-0123456789"}
            bad = await api.client.post("/api/admin/credentials", json=body)
        books = simulator.books()["submissions"]

    assert good["checked"] is True
    assert (bad.status_code, bad.json()["code"]) == (400, "key_refused")
    assert "0123456789" not in bad.text
    assert await pool.fetchval("SELECT count(*) FROM reelwork.credentials") == 1
    assert books == []
