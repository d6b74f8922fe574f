"""Webhooks to callers: signed, repeated until taken, given up after a day, and never sent where nobody should call."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from openai import OpenAI
from standardwebhooks import Webhook, WebhookVerificationError

from app.outbound.pinning import Pinner
from db import transitions
from db.connection import Pool
from db.states import JobState
from db.transitions import Ending, Hold
from providers.addresses import is_public
from tests.integration.app.conftest import Api, OpenApi
from tests.integration.app.rows import move
from tests.stack.waiting import until


@dataclass
class Message:
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """A caller's server: answers with `statuses` in turn, the last one for ever; `None` hangs up."""

    url: str = ""
    statuses: list[int | None] = field(default_factory=lambda: [200])
    messages: list[Message] = field(default_factory=list)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head) if name}
        self.messages.append(Message(headers, await reader.readexactly(int(headers["content-length"]))))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status is not None:
            writer.write(f"HTTP/1.1 {status} X\r\nLocation: {self.url}/other\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
        writer.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    made = Receiver()
    server = await asyncio.start_server(made.handle, "127.0.0.1", 0)
    made.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    yield made
    server.close()
    await server.wait_closed()


@pytest.fixture
async def api(open_api: OpenApi) -> AsyncIterator[Api]:
    async with open_api(REELWORK_SIMULATED="1") as opened:
        yield opened


async def secret_of(api: Api) -> str:
    made = await api.client.post("/api/webhooks/secret")
    assert made.status_code == 201
    secret: str = made.json()["secret"]
    return secret


async def end(pool: Pool, job_id: str, state: JobState = JobState.FAILED) -> None:
    await move(pool, job_id, "generating")
    epoch = await pool.fetchval("SELECT epoch FROM reelwork.video_jobs WHERE id = $1::uuid", job_id)
    ending = Ending(state, (JobState.GENERATING,), "generation_failed", "it rained", cost_micros=None)
    assert await transitions.end(pool, Hold(UUID(job_id), epoch), ending)


def arrived(receiver: Receiver, count: int = 1) -> Callable[[], Any]:
    async def enough() -> bool:
        return len(receiver.messages) >= count

    return enough


async def hurry(pool: Pool) -> None:
    """Make every message that has failed due now, once, instead of waiting for its next try."""
    hurried = "UPDATE reelwork.webhook_deliveries SET next_at = now() WHERE last_error IS NOT NULL RETURNING 1"
    await until(lambda: pool.fetch(hurried), 60)


async def deliveries(api: Api) -> list[Any]:
    listed: list[Any] = (await api.client.get("/api/webhooks/deliveries")).json()["deliveries"]
    return listed


async def test_an_ended_video_is_told_as_get_would_and_the_signature_holds(
    api: Api, pool: Pool, receiver: Receiver
) -> None:
    secret = await secret_of(api)
    job_id = (await api.generate(webhookUrl=receiver.url))["jobId"]

    await end(pool, job_id)
    await until(arrived(receiver), 60)
    (message,) = receiver.messages

    Webhook(secret).verify(message.body, message.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(message.body.replace(b"failed", b"failef"), message.headers)
    shown = await api.job(job_id)
    assert message.json["type"] == "video.failed"
    assert {name: message.json[name] for name in shown if name != "elapsedTime"} == {
        name: value for name, value in shown.items() if name != "elapsedTime"
    }


async def test_a_video_asked_for_on_v1_is_told_as_an_event_of_openai(api: Api, pool: Pool, receiver: Receiver) -> None:
    secret = await secret_of(api)
    body = {"model": "sora-2", "prompt": "a fox", "webhook_url": receiver.url}
    made = await api.client.post("/v1/videos", json=body)
    assert made.status_code == 200, made.text

    await end(pool, str(UUID(made.json()["id"].removeprefix("video_"))))
    await until(arrived(receiver), 60)
    (message,) = receiver.messages
    client = OpenAI(api_key="unused", webhook_secret=secret, base_url="http://127.0.0.1:9/v1")
    event = client.webhooks.unwrap(message.body.decode(), message.headers)
    client.close()

    assert (event.type, event.data.id) == ("video.failed", made.json()["id"])


@pytest.mark.parametrize("first", [500, 302, None])
async def test_a_message_that_was_not_taken_comes_again_under_the_same_id(
    api: Api, pool: Pool, receiver: Receiver, first: int | None
) -> None:
    await secret_of(api)
    receiver.statuses = [first, 204]
    job_id = (await api.generate(webhookUrl=receiver.url))["jobId"]

    await end(pool, job_id)
    await until(arrived(receiver), 60)

    await hurry(pool)

    async def taken() -> bool:
        return (await deliveries(api))[0]["status"] == "delivered"

    await until(taken, 60)
    (delivery,) = await deliveries(api)

    assert [message.headers["webhook-id"] for message in receiver.messages] == [delivery["messageId"]] * 2
    assert (delivery["attempts"], delivery["lastStatus"]) == (2, 204)
    assert all(message.headers["host"] in receiver.url for message in receiver.messages)


async def test_an_address_that_fails_for_long_is_switched_off_until_its_client_enables_it(
    api: Api, pool: Pool, receiver: Receiver
) -> None:
    await secret_of(api)
    receiver.statuses = [500]
    first, second = [(await api.generate(webhookUrl=receiver.url))["jobId"] for _ in range(2)]
    await end(pool, first)
    await until(arrived(receiver), 60)

    async def failed() -> Any:
        return (await api.client.get("/api/webhooks")).json()["endpoints"]

    await until(failed, 60)
    await pool.execute("UPDATE reelwork.webhook_endpoints SET failing_since = now() - interval '25 hours'")
    await hurry(pool)

    async def switched_off() -> bool:
        (endpoint,) = (await api.client.get("/api/webhooks")).json()["endpoints"]
        return endpoint["disabledAt"] is not None

    await until(switched_off, 60)
    sent = len(receiver.messages)
    await end(pool, second)
    await hurry(pool)
    receiver.statuses = [200]
    enabled = await api.client.post("/api/webhooks/enable", json={"url": receiver.url})
    assert len(receiver.messages) == sent
    await until(arrived(receiver, sent + 2), 60)

    assert enabled.status_code == 200
    assert {message.json["jobId"] for message in receiver.messages[sent:]} == {first, second}
    assert (await api.client.post("/api/webhooks/enable", json={"url": receiver.url})).status_code == 404


async def test_410_switches_off_at_once(api: Api, pool: Pool, receiver: Receiver) -> None:
    await secret_of(api)
    receiver.statuses = [410]
    await end(pool, (await api.generate(webhookUrl=receiver.url))["jobId"])

    async def given_up() -> bool:
        return any(one["status"] == "given_up" for one in await deliveries(api))

    await until(given_up, 60)
    (endpoint,) = (await api.client.get("/api/webhooks")).json()["endpoints"]

    assert "410" in endpoint["disabledReason"]


async def test_a_clients_default_is_told_and_a_replay_tells_it_again(api: Api, pool: Pool, receiver: Receiver) -> None:
    await secret_of(api)
    chosen = await api.client.put("/api/webhooks", json={"url": receiver.url})
    await end(pool, (await api.generate())["jobId"], JobState.CANCELLED)
    await until(arrived(receiver), 60)
    (delivery,) = await deliveries(api)

    again = await api.client.post(f"/api/webhooks/deliveries/{delivery['id']}/replay")
    await until(arrived(receiver, 2), 60)

    assert (chosen.status_code, again.status_code) == (200, 202)
    assert [message.json["type"] for message in receiver.messages] == ["video.cancelled"] * 2
    assert receiver.messages[0].headers["webhook-id"] != receiver.messages[1].headers["webhook-id"]


async def test_the_secret_before_signs_along_after_a_change(api: Api, pool: Pool, receiver: Receiver) -> None:
    before, after = await secret_of(api), await secret_of(api)
    await end(pool, (await api.generate(webhookUrl=receiver.url))["jobId"])
    await until(arrived(receiver), 60)
    (message,) = receiver.messages

    for secret in (before, after):
        Webhook(secret).verify(message.body, message.headers)


async def test_two_processes_send_one_message_once(open_api: OpenApi, pool: Pool, receiver: Receiver) -> None:
    @asynccontextmanager
    async def two() -> AsyncIterator[tuple[Api, Api]]:
        async with open_api(REELWORK_SIMULATED="1") as one, open_api(REELWORK_SIMULATED="1") as other:
            yield one, other

    async with two() as (api, _):
        await secret_of(api)
        made = [(await api.generate(webhookUrl=receiver.url))["jobId"] for _ in range(12)]
        for job_id in made:
            await end(pool, job_id)

        async def all_delivered() -> bool:
            return [one["status"] for one in await deliveries(api)] == ["delivered"] * 12

        await until(all_delivered, 60)

    assert sorted(message.json["jobId"] for message in receiver.messages) == sorted(made)


async def test_what_could_never_be_sent_is_refused_before_anything_is_written(open_api: OpenApi, pool: Pool) -> None:
    async with open_api() as api:
        unsigned = await api.generate(400, webhookUrl="https://hooks.example/x")
        await secret_of(api)
        plain = await api.generate(400, webhookUrl="http://hooks.example/x")
        by_default = await api.client.put("/api/webhooks", json={"url": "http://hooks.example/x"})

    assert unsigned["code"] == "no_webhook_secret"
    assert plain["errors"][0]["path"] == "webhookUrl"
    assert by_default.status_code == 400
    assert await pool.fetchval("SELECT count(*) FROM reelwork.video_jobs") == 0


async def test_a_private_address_is_never_called(api: Api, pool: Pool, receiver: Receiver) -> None:
    """The name is looked up when the message is sent, whatever it led to when it was given."""
    await secret_of(api)
    object.__setattr__(api.app.state.deps.pinner, "is_allowed", is_public)
    await end(pool, (await api.generate(webhookUrl=receiver.url))["jobId"])

    async def refused() -> bool:
        listed = await deliveries(api)
        return bool(listed) and listed[0]["lastError"] is not None

    await until(refused, 60)

    assert "not on the public internet" in (await deliveries(api))[0]["lastError"]
    assert receiver.messages == []
    assert Pinner().is_allowed is is_public


async def test_a_client_sees_and_replays_only_its_own(api: Api, pool: Pool, receiver: Receiver) -> None:
    await secret_of(api)
    await end(pool, (await api.generate(webhookUrl=receiver.url))["jobId"])
    await until(arrived(receiver), 60)
    (delivery,) = await deliveries(api)
    await api.client.post("/api/admin/clients", json={"name": "other"})
    key = await api.client.post(
        "/api/admin/keys", json={"client": "other", "name": "k", "scopes": ["read", "generate"]}
    )
    theirs = {"Authorization": f"Bearer {key.json()['key']}"}

    seen = (await api.stranger.get("/api/webhooks/deliveries", headers=theirs)).json()
    path = f"/api/webhooks/deliveries/{delivery['id']}/replay"
    replayed = await api.stranger.post(path, headers=theirs)
    everybodys = await api.stranger.get("/api/admin/webhooks", headers=theirs)

    assert (seen["deliveries"], seen["endpoints"]) == ([], [])
    assert (replayed.status_code, everybodys.status_code) == (404, 403)
    assert len((await api.client.get("/api/admin/webhooks")).json()["deliveries"]) == 1
