"""Webhooks from providers: who may send them, and that they do no more than let us ask."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

from db.connection import Pool
from providers.published_keys import _rsa
from reelwork.simulator.signatures import key_set, signed_token, standard_signature
from tests.integration.app.conftest import Api, OpenApi
from tests.integration.app.rows import move, state_of
from tests.stack.waiting import until

OLD, NEW = "whsec_" + base64.b64encode(b"the old secret").decode(), "a secret in plain words"
VIDEO = {"type": "video.completed", "data": {"id": "video_1"}}


def signed(told: object, secret: str = NEW, age_s: float = 0, message_id: str = "msg_1") -> dict[str, Any]:
    """A request with a signature of Standard Webhooks."""
    body, stamp = json.dumps(told).encode(), int(time.time() - age_s)
    headers = {"webhook-id": message_id, "webhook-timestamp": str(stamp)}
    return {
        "content": body,
        "headers": headers | {"webhook-signature": standard_signature(secret, message_id, stamp, body)},
    }


@asynccontextmanager
async def hints_of(api: Api) -> AsyncIterator[list[str]]:
    """The jobs whose owners are asked to ask their providers; heard as a worker would."""
    bell = api.app.state.deps.bell
    channels, heard = await bell.channels(), []

    async def listen() -> None:
        async for message in channels.control():
            heard.append(message.get("hintedId"))

    task = asyncio.create_task(listen())
    await until(lambda: _is_heard(bell), 30, "a listener")
    try:
        yield heard
    finally:
        task.cancel()


async def _is_heard(bell: Any) -> bool:
    channel = f"rw:{await bell._known()}:control"
    ((_, listeners),) = await bell._redis.pubsub_numsub(channel)
    return bool(listeners)


async def _all_of(heard: list[str], wanted: list[str]) -> None:
    async def has_come() -> bool:
        return heard == wanted

    await until(has_come, 30, f"the hints {wanted}")


async def test_a_signed_webhook_lets_the_owner_ask_wherever_it_lives(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(OPENAI_WEBHOOK_SECRET=f"{NEW},{OLD}") as api:
        job_id = (await api.generate())["jobId"]
        await move(pool, job_id, "generating", provider_job_id="video_1")
        async with hints_of(api) as heard:
            for path, secret, message_id in (("sora", NEW, "msg_1"), ("openai_videos", OLD, "msg_2")):
                answer = await api.stranger.post(f"/hooks/{path}", **signed(VIDEO, secret, message_id=message_id))
                assert (answer.status_code, answer.json()) == (202, {"received": True})
            await _all_of(heard, [job_id, job_id])

        assert await state_of(pool, job_id) == "generating", "only the provider's own answer counts"


async def test_what_nobody_signed_just_now_is_refused_and_what_nobody_waits_for_is_not_told_apart(
    open_api: OpenApi,
) -> None:
    async with open_api(OPENAI_WEBHOOK_SECRET=NEW) as api:

        async def status(path: str = "/hooks/sora", **request: Any) -> int:
            return (await api.stranger.post(path, **request)).status_code

        forged = signed(VIDEO)
        forged["content"] = json.dumps(VIDEO | {"data": {"id": "video_2"}}).encode()

        assert await status(**signed(VIDEO, "another secret")) == 401
        assert await status(**forged) == 401
        assert await status(**signed(VIDEO, age_s=400)) == 401
        assert await status(**signed(VIDEO, age_s=-400)) == 401
        assert await status(json=VIDEO) == 401
        assert await status("/hooks/omni", **signed(VIDEO)) == 401, "each kind has its own secrets"
        assert await status("/hooks/veo", **signed(VIDEO, "")) == 401
        assert await status("/hooks/unknown", **signed(VIDEO)) == 404
        assert await status(**signed({"data": {"id": "x" * 300_000}})) == 413
        assert [await status(**signed(VIDEO)) for _ in range(3)] == [202] * 3
        for told in ({}, {"data": None}, {"data": {"id": 7}}, {"data": {"id": "\x00"}}):
            assert await status(**signed(told, message_id=str(told))) == 202


async def test_a_repeat_is_answered_like_the_first_and_followed_once(open_api: OpenApi, pool: Pool) -> None:
    async with open_api(OPENAI_WEBHOOK_SECRET=NEW) as api:
        job_id = (await api.generate())["jobId"]
        await move(pool, job_id, "generating", provider_job_id="video_1")
        async with hints_of(api) as heard:
            answers = [await api.stranger.post("/hooks/sora", **signed(VIDEO)) for _ in range(3)]
            answers.append(await api.stranger.post("/hooks/sora", **signed(VIDEO, message_id="msg_2")))
            await _all_of(heard, [job_id, job_id])

        assert {answer.status_code for answer in answers} == {202}


async def test_googles_token_is_good_only_with_its_own_key_for_our_address_and_in_time(
    open_api: OpenApi, pool: Pool
) -> None:
    url = "https://videos.example.com/hooks/google_omni"
    good = {"aud": url, "iat": int(time.time()), "exp": int(time.time()) + 300, "data": {"id": "v1_1"}}
    async with open_api(PUBLIC_URL="https://videos.example.com") as api:
        job_id = (await api.generate(provider="omni", seconds=4))["jobId"]
        await move(pool, job_id, "generating", provider_job_id="v1_1")
        published = api.app.state.deps.hooks.keys["google_omni"]
        published._keys = {entry["kid"]: _rsa(entry) for entry in key_set()["keys"]}
        published._asked_at = published._clock()

        async def status(token: str, body: object = None) -> int:
            headers = {"webhook-id": token[-20:], "webhook-signature": token}
            answer = await api.stranger.post("/hooks/google_omni", json=body or {}, headers=headers)
            return answer.status_code

        async with hints_of(api) as heard:
            assert await status(signed_token(good)) == 202
            await _all_of(heard, [job_id])
        assert await status(signed_token(good, with_wrong_key=True)) == 401
        assert await status(signed_token(good | {"aud": "https://elsewhere.example.com/hooks"})) == 401
        assert await status(signed_token(good | {"iat": good["iat"] - 4000})) == 401
        assert await status(signed_token(good | {"exp": good["iat"] - 4000})) == 401
        assert await status(unsigned(good)) == 401
        assert await status("not.a.token") == 401


def unsigned(claims: dict[str, Any]) -> str:
    """A token that takes the public key for a shared secret."""
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "HS256"}, claims))
    body = b".".join(parts)
    return (body + b"." + base64.urlsafe_b64encode(hmac.new(b"public", body, sha256).digest()).rstrip(b"=")).decode()
