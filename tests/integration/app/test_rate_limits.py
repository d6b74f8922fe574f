"""How often a key and an address may call: counted over all processes, and still counted without Redis."""

import asyncio

import pytest

from app.calls import address_of
from tests.integration.app.conftest import Api, OpenApi


async def key_of(api: Api, name: str) -> dict[str, str]:
    await api.client.post("/api/admin/clients", json={"name": name})
    made = await api.client.post("/api/admin/keys", json={"client": name, "name": "k", "scopes": ["read"]})
    return {"Authorization": f"Bearer {made.json()['key']}"}


async def calls(api: Api, headers: dict[str, str], count: int) -> list[int]:
    answers = await asyncio.gather(*(api.stranger.get("/api/jobs", headers=headers) for _ in range(count)))
    return sorted(answer.status_code for answer in answers)


async def test_a_key_may_call_so_often_in_a_minute_over_all_processes(open_api: OpenApi) -> None:
    async with open_api(API_RATE_LIMIT="10") as one, open_api(API_RATE_LIMIT="10") as other:
        for api in (one, other):
            api.app.state.deps.rate_limits.patience_s = 60
        headers, others = await key_of(one, "app"), await key_of(one, "other")

        both = await asyncio.gather(calls(one, headers, 8), calls(other, headers, 8))
        refused = await one.stranger.get("/api/jobs", headers=headers)
        on_v1 = await one.stranger.get("/v1/models", headers=headers)
        free = await one.stranger.get("/api/jobs", headers=others)

    assert sorted(both[0] + both[1]) == [200] * 10 + [429] * 6
    assert refused.json()["code"] == "rate_limited"
    assert int(refused.headers["retry-after"]) >= 1
    assert refused.headers["ratelimit"].startswith('"minute";r=0;t=')
    assert on_v1.status_code == 429
    assert "message" in on_v1.json()["error"]
    assert (free.status_code, free.headers["ratelimit-policy"]) == (200, '"minute";q=10;w=60')
    assert free.headers["ratelimit"].startswith('"minute";r=9;')


async def test_the_operators_own_key_is_never_too_many(open_api: OpenApi) -> None:
    async with open_api(API_RATE_LIMIT="2") as api:
        answers = [await api.client.get("/api/jobs") for _ in range(6)]

    assert {answer.status_code for answer in answers} == {200}


async def test_zero_is_no_limit(open_api: OpenApi) -> None:
    async with open_api(API_RATE_LIMIT="0") as api:
        assert set(await calls(api, await key_of(api, "app"), 20)) == {200}


async def test_an_address_that_tries_keys_is_soon_refused_and_good_keys_are_not(open_api: OpenApi) -> None:
    async with open_api(API_RATE_LIMIT="5") as api:
        good = await key_of(api, "app")
        guesses = await calls(api, {"Authorization": "Bearer rw_guess"}, 8)

        assert guesses == [401] * 5 + [429] * 3
        assert await calls(api, good, 1) == [200]


async def test_without_redis_each_process_counts_for_itself(open_api: OpenApi) -> None:
    async with open_api(API_RATE_LIMIT="5", REDIS_URL="redis://127.0.0.1:9/0") as api:
        assert await calls(api, await key_of(api, "app"), 8) == [200] * 5 + [429] * 3


@pytest.mark.parametrize(("behind_router", "address"), [(False, "203.0.113.9"), (True, "198.51.100.7")])
async def test_only_a_platforms_router_is_believed_and_only_its_own_word(
    api: Api, behind_router: bool, address: str
) -> None:
    from starlette.requests import Request

    deps = api.app.state.deps
    object.__setattr__(deps.policy, "behind_router", behind_router)
    headers = [(b"x-forwarded-for", b"192.0.2.1, 198.51.100.7")]
    request = Request({"type": "http", "headers": headers, "client": ("203.0.113.9", 1)})

    assert address_of(request, deps) == address
