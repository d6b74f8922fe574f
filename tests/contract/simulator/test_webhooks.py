"""Webhooks are signed as the providers sign them, come at least once, and can be spoilt on request."""

import base64
import json
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import openai
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from reelwork.testing import SimulatorHandle

SECRET = "whsec_" + base64.b64encode(b"a shared secret of the test").decode()
OMNI = {"model": "gemini-omni-1.2-flash", "background": True, "response_format": {"type": "video", "delivery": "uri"}}


@dataclass
class Receiver:
    """What a listening application got; `refusals` is how many deliveries it answers with 500 first."""

    url: str = ""
    refusals: int = 0
    got: "queue.Queue[tuple[dict[str, str], bytes]]" = field(default_factory=queue.Queue)

    def next(self) -> tuple[dict[str, str], bytes]:
        return self.got.get(timeout=10)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    box = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            box.got.put(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(500 if box.refusals > 0 else 200)
            box.refusals -= 1
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        box.url = f"http://127.0.0.1:{server.server_port}/hooks"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield box
        server.shutdown()
        thread.join()


def submit(http: httpx.Client, receiver: Receiver, prompt: str = "a cat") -> str:
    hook = {"uris": [receiver.url], "user_metadata": {"job": "job-7"}}
    made = http.post("/v1/interactions", json={**OMNI, "input": prompt, "webhook_config": hook})
    return str(made.raise_for_status().json()["id"])


def verified_claims(http: httpx.Client, token: str) -> dict[str, Any]:
    """The claims of a token whose signature fits the published key; InvalidSignature otherwise."""
    parts = [base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]
    (key,) = http.get("/.well-known/jwks.json").json()["keys"]
    assert json.loads(parts[0])["kid"] == key["kid"]
    modulus, exponent = (int.from_bytes(base64.urlsafe_b64decode(key[name] + "==")) for name in ("n", "e"))
    signed = token.rpartition(".")[0].encode()
    rsa.RSAPublicNumbers(exponent, modulus).public_key().verify(parts[2], signed, padding.PKCS1v15(), hashes.SHA256())
    return dict(json.loads(parts[1]))


def test_an_interaction_that_ends_is_announced_with_a_signed_token(
    http: httpx.Client, simulator: SimulatorHandle, receiver: Receiver
) -> None:
    interaction_id = submit(http, receiver)
    simulator.advance(101)

    headers, body = receiver.next()
    claims = verified_claims(http, headers["webhook-signature"])

    event = json.loads(body)
    assert (event["type"], event["data"], event["version"]) == ("interaction.completed", {"id": interaction_id}, "v1")
    assert event["user_metadata"] == claims["user_metadata"] == {"job": "job-7"}
    assert claims["aud"] == receiver.url and claims["data"] == event["data"]


@pytest.mark.parametrize(
    ("marker", "kind"), [("[sim:fail]", "interaction.failed"), ("[sim:text-only]", "interaction.completed")]
)
def test_failures_are_announced_with_their_reason(
    http: httpx.Client, simulator: SimulatorHandle, receiver: Receiver, marker: str, kind: str
) -> None:
    submit(http, receiver, f"a cat {marker}")
    simulator.advance(101)

    event = json.loads(receiver.next()[1])

    assert event["type"] == kind
    assert ("error_code" in event["data"]) == (kind == "interaction.failed")


def test_a_cancelled_interaction_is_announced_at_once(
    http: httpx.Client, simulator: SimulatorHandle, receiver: Receiver
) -> None:
    interaction_id = submit(http, receiver)

    http.post(f"/v1/interactions/{interaction_id}/cancel").raise_for_status()

    assert json.loads(receiver.next()[1])["type"] == "interaction.cancelled"


def test_a_refused_delivery_is_repeated_under_the_same_id(
    http: httpx.Client, simulator: SimulatorHandle, receiver: Receiver
) -> None:
    receiver.refusals = 2
    submit(http, receiver)
    simulator.advance(101)

    ids = {receiver.next()[0]["webhook-id"] for _ in range(3)}

    assert len(ids) == 1


def test_openai_events_satisfy_the_sdk_that_verifies_them(
    http: httpx.Client, simulator: SimulatorHandle, receiver: Receiver
) -> None:
    simulator.change(webhook_url=receiver.url, webhook_secret=SECRET)
    video_id = http.post("/v1/videos", json={"prompt": "a cat [sim:takes=0.05]"}).json()["id"]

    headers, body = receiver.next()
    with openai.OpenAI(api_key="any", webhook_secret=SECRET) as client:
        event = client.webhooks.unwrap(body, headers)

    assert (event.type, event.data.id) == ("video.completed", video_id)


@pytest.mark.parametrize("fault", ["bad-signature", "stale"])
def test_a_spoilt_signature_or_stamp_does_not_verify(
    http: httpx.Client, simulator: SimulatorHandle, receiver: Receiver, fault: str
) -> None:
    simulator.change(webhook_url=receiver.url, webhook_secret=SECRET)
    http.post("/v1/videos", json={"prompt": f"a cat [sim:takes=0.05] [sim:webhook={fault}]"})

    headers, body = receiver.next()

    with (
        openai.OpenAI(api_key="any", webhook_secret=SECRET) as client,
        pytest.raises(openai.InvalidWebhookSignatureError),
    ):
        client.webhooks.unwrap(body, headers)


def test_a_forged_token_does_not_fit_the_published_key(
    http: httpx.Client, simulator: SimulatorHandle, receiver: Receiver
) -> None:
    submit(http, receiver, "a cat [sim:webhook=bad-signature]")
    simulator.advance(101)

    with pytest.raises(InvalidSignature):
        verified_claims(http, receiver.next()[0]["webhook-signature"])


def test_events_come_twice_late_or_never(http: httpx.Client, simulator: SimulatorHandle, receiver: Receiver) -> None:
    late = submit(http, receiver, "first [sim:takes=1] [sim:webhook=late,seconds=0.6]")
    submit(http, receiver, "second [sim:takes=1] [sim:webhook=lost]")
    twice = submit(http, receiver, "third [sim:takes=1] [sim:webhook=duplicate]")
    simulator.advance(2)

    named = [json.loads(receiver.next()[1])["data"]["id"] for _ in range(3)]

    assert named == [twice, twice, late]
    assert simulator.books()["webhooks"]["lost"] == 1
