"""The official OpenAI SDK for Python, given nothing but a base URL and a key, works as with OpenAI itself."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import openai
import pytest

from tests.stack.serving import Stack
from tests.stack.waiting import wait_until

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")
MODELS = ["sora-2", "veo", "omni"]


@pytest.fixture
def client(stack: Stack) -> Iterator[openai.OpenAI]:
    """A client of its own, so that no test sees another's videos."""
    with openai.OpenAI(api_key=stack.new_key(), base_url=stack.base_url) as made:
        yield made


@pytest.mark.parametrize("model", MODELS)
def test_a_video_is_made_waited_for_downloaded_and_deleted(
    client: openai.OpenAI, model: str, tmp_path: Path, stack: Stack
) -> None:
    prompt = f"a cat {uuid4()}"

    video = client.videos.create_and_poll(model=model, prompt=prompt, seconds="8", size="1280x720")
    assert (video.status, video.progress, video.error) == ("completed", 100, None), video
    assert (video.prompt, video.seconds, video.size) == (prompt, "8", "1280x720")
    assert video.completed_at and video.completed_at >= video.created_at

    client.videos.download_content(video.id).write_to_file(tmp_path / "video.mp4")
    thumbnail = client.videos.download_content(video.id, variant="thumbnail")
    assert (tmp_path / "video.mp4").read_bytes()[4:8] == b"ftyp"
    assert (thumbnail.response.headers["content-type"], thumbnail.read()[8:12]) == ("image/webp", b"WEBP")

    deleted = client.videos.delete(video.id)
    assert (deleted.id, deleted.object, deleted.deleted) == (video.id, "video.deleted", True)
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve(video.id)
    assert stack.paid(prompt) == 1


async def test_the_asynchronous_client_works_too(stack: Stack) -> None:
    async with openai.AsyncOpenAI(api_key=stack.new_key(), base_url=stack.base_url) as client:
        video = await client.videos.create_and_poll(prompt="a cat", poll_interval_ms=200)
        content = await client.videos.download_content(video.id)

    assert content.read()[4:8] == b"ftyp"


def test_an_image_goes_along_to_every_kind(client: openai.OpenAI, image: Path) -> None:
    videos = [client.videos.create(model=model, prompt="it moves", input_reference=image) for model in MODELS]

    assert [client.videos.poll(video.id, poll_interval_ms=200).status for video in videos] == ["completed"] * 3


def test_parameters_beyond_openais_go_through_the_extra_body(client: openai.OpenAI) -> None:
    extra = {
        "negative_prompt": "blur",
        "aspect_ratio": "9:16",
        "resolution": "1080p",
        "seed": 7,
        "audio": False,
        "fps": 24,
        "priority": 4,
        "metadata": {"scene": {"number": "3"}},
    }

    video = client.videos.create(model="veo", prompt="a cat", extra_body=extra)

    assert video.size == "1080x1920"
    assert video.model_extra is not None
    assert video.model_extra["metadata"] == {"scene": {"number": "3"}}


def test_lists_page_in_both_orders_without_gaps_or_repeats(client: openai.OpenAI) -> None:
    made = [client.videos.create(prompt=f"cat {number}").id for number in range(5)]

    assert [video.id for video in client.videos.list(limit=2, order="asc")] == made
    assert [video.id for video in client.videos.list(limit=2)] == made[::-1]
    assert client.videos.list(limit=5).has_more is False


def test_every_retrieve_says_when_to_ask_again_and_carries_a_request_id(client: openai.OpenAI) -> None:
    video = client.videos.create(prompt="a cat")

    answer = client.videos.with_raw_response.retrieve(video.id)

    assert 1_000 <= int(answer.headers["openai-poll-after-ms"]) <= 10_000
    assert answer.request_id


def test_a_generation_that_fails_says_why(client: openai.OpenAI) -> None:
    video = client.videos.create_and_poll(prompt="a cat [sim:moderate-later]", poll_interval_ms=200)

    assert video.status == "failed"
    assert video.error is not None and video.error.code == "content_filtered"


def test_models_are_listed_by_every_name_that_can_be_called(client: openai.OpenAI) -> None:
    names = {model.id for model in client.models.list()}

    assert {"sora-2", "veo-3.1-generate-001", "gemini-omni-1.2-flash"} <= names
    assert client.models.retrieve("omni").id == "gemini-omni-1.2-flash"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("unheard-of")


def test_each_refusal_raises_the_exception_the_sdk_has_for_it(client: openai.OpenAI, stack: Stack) -> None:
    video_id = client.videos.create(prompt="a cat [sim:stuck]").id

    with pytest.raises(openai.BadRequestError) as caught:
        client.videos.create(prompt="a cat", seconds="5")  # type: ignore[arg-type]
    assert caught.value.param == "seconds" and caught.value.request_id
    with pytest.raises(openai.BadRequestError, match="GET /v1/models"):
        client.videos.create(prompt="a cat", model="unheard-of")
    with pytest.raises(openai.NotFoundError, match="not ready"):
        client.videos.download_content(video_id)
    with pytest.raises(openai.BadRequestError, match="Spritesheets"):
        client.videos.download_content(video_id, variant="spritesheet")
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve("video_0")
    with openai.OpenAI(api_key=stack.new_key(), base_url=stack.base_url) as other:
        with pytest.raises(openai.NotFoundError):
            other.videos.retrieve(video_id)
        with pytest.raises(openai.NotFoundError):
            other.videos.delete(video_id)
    with (
        openai.OpenAI(api_key="wrong", base_url=stack.base_url) as nobody,
        pytest.raises(openai.AuthenticationError),
    ):
        nobody.videos.list()
    with (
        openai.OpenAI(api_key=stack.new_key("read"), base_url=stack.base_url) as reader,
        pytest.raises(openai.PermissionDeniedError),
    ):
        reader.videos.create(prompt="a cat")


def test_what_no_kind_can_do_is_refused_at_once(client: openai.OpenAI) -> None:
    video_id = client.videos.create(prompt="a cat").id
    clip = ("clip.mp4", b"\0\0\0\x18ftyp", "video/mp4")

    for call in (
        lambda: client.videos.remix(video_id, prompt="in the rain"),
        lambda: client.videos.edit(prompt="in winter", video=clip),
        lambda: client.videos.extend(prompt="and on", seconds="8", video=clip),
        lambda: client.videos.create_character(name="Ana", video=clip),
    ):
        with pytest.raises(openai.BadRequestError, match="makes a new video"):
            call()


def test_what_is_paid_for_conflicts_with_delete_and_the_sdk_does_not_insist(
    client: openai.OpenAI, stack: Stack
) -> None:
    video_id = client.videos.create(prompt="a cat [sim:stuck]").id
    wait_until(lambda: stack.stage_of(video_id) == "generating", 60, "a video that the provider has accepted")

    with pytest.raises(openai.ConflictError, match="discard"):
        client.videos.delete(video_id)
    answer = client.videos.delete(video_id, extra_query={"discard": "true"})

    assert answer.deleted is False
    shown = client.videos.retrieve(video_id)
    assert shown.error is not None and shown.error.code == "cancelled"


def test_a_budget_that_is_spent_and_too_many_calls_are_told_apart(client: openai.OpenAI, stack: Stack) -> None:
    tight = stack.another_api(BUDGET_USD_PER_DAY="0.01", API_RATE_LIMIT="1")

    with openai.OpenAI(api_key=client.api_key, base_url=tight, max_retries=0) as poor:
        with pytest.raises(openai.APIStatusError, match="0.40 USD") as spent:
            poor.videos.create(prompt="a cat")
        with pytest.raises(openai.RateLimitError) as often:
            poor.videos.list()

    assert (spent.value.status_code, spent.value.code) == (402, "over_budget")
    assert int(often.value.response.headers["retry-after"]) > 0
    assert list(client.videos.list()) == []


def test_a_database_that_is_away_is_a_server_error_after_the_sdks_own_tries(stack: Stack) -> None:
    away = stack.another_api(DATABASE_URL="postgresql://127.0.0.1:9/none")

    with (
        openai.OpenAI(api_key=stack.admin_key, base_url=away, max_retries=0) as client,
        pytest.raises(openai.InternalServerError) as caught,
    ):
        client.videos.create(prompt="a cat")

    assert (caught.value.status_code, caught.value.code) == (503, "unavailable")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("lost", [1, 2])
def test_a_create_whose_answers_are_lost_is_one_paid_video(
    client: openai.OpenAI, stack: Stack, model: str, lost: int
) -> None:
    prompt = f"a cat on a bad line {uuid4()}"
    stack.wire.lose(lost)

    with openai.OpenAI(api_key=client.api_key, base_url=stack.wire.base_url) as far:
        video = far.videos.create_and_poll(model=model, prompt=prompt, poll_interval_ms=200)

    assert stack.wire.lost == lost
    assert video.status == "completed"
    assert [one.id for one in client.videos.list()] == [video.id]
    assert stack.paid(prompt) == 1
