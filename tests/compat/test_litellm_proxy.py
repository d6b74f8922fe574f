"""Our adapter through a real LiteLLM proxy: other ids, other status words, wrapped errors, and one paid submission."""

import uuid

import pytest

from providers.base import InputRole, MediaInput, RemoteStatus, VideoRequest
from providers.errors import CredentialRefused, Moderated, OutcomeUnknown, Rejected, TryLater

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def submit(adapter, account):
    async def agree() -> None:
        return

    async def submitted(prompt, **values):
        wanted = {"model": "sora-2", "seconds": 4, "size": "1280x720"} | values
        request = VideoRequest(prompt=prompt, label=uuid.uuid4().hex, job_id=str(uuid.uuid4()), **wanted)
        return (await adapter.submit(account, request, agree)).provider_id

    return submitted


@pytest.mark.parametrize("model", ["sora-2", "veo"])
async def test_a_video_comes_through_the_proxy(adapter, account, simulator, submit, model):
    provider_id = await submit("a cat behind a proxy", model=model)
    running = await adapter.poll(account, provider_id, model)
    simulator.advance(101)
    done = await adapter.poll(account, provider_id, model)
    async with adapter.download(account, done) as download:
        data = b"".join([chunk async for chunk in download.chunks])

    assert running.status in (RemoteStatus.QUEUED, RemoteStatus.RUNNING)
    assert (done.status, done.provider_id) == (RemoteStatus.COMPLETED, provider_id)
    assert data[4:8] == b"ftyp"
    assert simulator.books()["accepted"] == 1
    await adapter.delete(account, done)


async def test_what_was_asked_for_arrives_behind_the_proxy(simulator, submit):
    picture = MediaInput(InputRole.FIRST_FRAME, "image/png", b"\x89PNG" + bytes(1000))
    await submit("a tall cat", size="720x1280", seconds=8, inputs=(picture,))
    line = simulator.books()["submissions"][0]

    assert (line["prompt"], line["seconds"], line["size"]) == ("a tall cat", 8, "720x1280")


@pytest.mark.parametrize("fault", ["500-after", "hang-up-after"])
async def test_an_answer_lost_behind_the_proxy_is_unknown_and_paid_once(simulator, submit, fault):
    with pytest.raises(OutcomeUnknown):
        await submit(f"[sim:submit={fault}]")

    assert simulator.books()["accepted"] == 1
    assert simulator.books()["submissions_arrived"] == 1


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("400", Rejected),
        ("moderate", Moderated),
        ("429,retry_after=3", TryLater),
        ("quota", CredentialRefused),
        ("bad-key", CredentialRefused),
    ],
)
async def test_the_upstreams_refusal_keeps_its_meaning(simulator, submit, fault, kind):
    with pytest.raises(kind) as caught:
        await submit(f"[sim:submit={fault}]")

    assert simulator.books()["accepted"] == 0
    if kind is TryLater:
        assert caught.value.retry_after_s == 3


@pytest.mark.parametrize(("fate", "moderated"), [("fail=boom", False), ("moderate-later", True)])
async def test_a_failure_after_acceptance_comes_through(adapter, account, simulator, submit, fate, moderated):
    provider_id = await submit(f"[sim:{fate}]")
    simulator.advance(101)
    video = await adapter.poll(account, provider_id, "sora-2")

    assert (video.status, video.moderated) == (RemoteStatus.FAILED, moderated)


async def test_the_proxy_says_that_it_cannot_list(adapter, account):
    with pytest.raises(Rejected) as caught:
        await adapter.list_recent(account)

    assert caught.value.code == "cannot_list"


async def test_the_key_of_the_proxy_is_proved_for_free(adapter, account, simulator):
    await adapter.check(account)

    assert simulator.books()["requests"] == {}
