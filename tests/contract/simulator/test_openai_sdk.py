"""The official OpenAI SDK, pointed at the simulator, finds the Videos API as it knows it."""

from collections.abc import Iterator

import openai
import pytest

from reelwork.testing import SimulatorHandle

pytestmark = pytest.mark.filterwarnings("ignore:The Sora API is scheduled:DeprecationWarning")


@pytest.fixture(scope="module")
def _connected(_served: SimulatorHandle) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="key-1", base_url=_served.openai_base_url, max_retries=0) as client:
        yield client


@pytest.fixture
def client(simulator: SimulatorHandle, _connected: openai.OpenAI) -> openai.OpenAI:
    return _connected


def test_a_created_video_carries_what_was_asked_for(client: openai.OpenAI) -> None:
    video = client.videos.create(prompt="a cat", model="sora-2", seconds="8", size="1280x720")

    assert video.id.startswith("video_")
    assert (video.object, video.status, video.progress) == ("video", "queued", 0)
    assert (video.model, video.prompt, video.seconds, video.size) == ("sora-2", "a cat", "8", "1280x720")
    assert video.error is None and video.completed_at is None


def test_a_reference_image_is_taken_as_a_file(client: openai.OpenAI, simulator: SimulatorHandle) -> None:
    image = ("first.png", b"\x89PNG\r\n", "image/png")

    client.videos.create(prompt="a cat", input_reference=image, seconds="4")

    assert simulator.books()["accepted"] == 1


def test_states_and_progress_follow_the_clock(client: openai.OpenAI, simulator: SimulatorHandle) -> None:
    video_id = client.videos.create(prompt="a cat").id
    seen = []
    for step_s in (0, 50, 60):
        simulator.advance(step_s)
        video = client.videos.retrieve(video_id)
        seen.append((video.status, video.progress))

    assert [status for status, _ in seen] == ["queued", "in_progress", "completed"]
    assert seen[1][1] in range(40, 50) and seen[2][1] == 100
    assert video.expires_at is not None and video.completed_at is not None


def test_the_poll_helper_waits_as_long_as_the_header_says(client: openai.OpenAI, simulator: SimulatorHandle) -> None:
    simulator.change(generation_s=0.3, queue_s=0, poll_after_ms=50)

    video = client.videos.create_and_poll(prompt="a cat")

    assert video.status == "completed"
    assert 2 <= simulator.books()["requests"]["openai.poll"] <= 12


def test_lists_page_in_both_orders_without_gaps_or_repeats(client: openai.OpenAI) -> None:
    made = [client.videos.create(prompt=f"cat {number}").id for number in range(5)]

    assert [video.id for video in client.videos.list(limit=2, order="asc")] == made
    assert [video.id for video in client.videos.list(limit=2)] == made[::-1]
    first = client.videos.list(limit=2)
    assert first.has_more and first.last_id == made[3]


def test_the_content_comes_as_video_thumbnail_and_spritesheet(
    client: openai.OpenAI, simulator: SimulatorHandle
) -> None:
    video_id = client.videos.create(prompt="a cat").id
    simulator.advance(101)

    content = client.videos.download_content(video_id)
    thumbnail = client.videos.download_content(video_id, variant="thumbnail")
    spritesheet = client.videos.download_content(video_id, variant="spritesheet")

    assert content.response.headers["content-type"] == "video/mp4" and content.read()[4:8] == b"ftyp"
    assert thumbnail.read()[8:12] == b"WEBP"
    assert spritesheet.read()[:2] == b"\xff\xd8"


def test_content_is_not_found_before_it_is_ready(client: openai.OpenAI) -> None:
    video_id = client.videos.create(prompt="a cat").id

    with pytest.raises(openai.NotFoundError, match="not ready"):
        client.videos.download_content(video_id)


def test_a_deleted_video_is_gone_from_everywhere(client: openai.OpenAI, simulator: SimulatorHandle) -> None:
    video_id = client.videos.create(prompt="a cat").id
    simulator.advance(101)

    answer = client.videos.delete(video_id)

    assert answer.deleted and answer.object == "video.deleted"
    assert list(client.videos.list()) == []
    with pytest.raises(openai.NotFoundError):
        client.videos.retrieve(video_id)


def test_a_running_video_is_deleted_only_where_delete_aborts(client: openai.OpenAI, simulator: SimulatorHandle) -> None:
    video_id = client.videos.create(prompt="a cat").id
    with pytest.raises(openai.ConflictError):
        client.videos.delete(video_id)

    simulator.change(delete_aborts=True)

    assert client.videos.delete(video_id).deleted


def test_a_remix_names_its_source(client: openai.OpenAI, simulator: SimulatorHandle) -> None:
    source = client.videos.create(prompt="a cat", seconds="8", size="1280x720")
    simulator.advance(101)

    remix = client.videos.remix(source.id, prompt="make it rain")

    assert remix.remixed_from_video_id == source.id
    assert (remix.prompt, remix.seconds, remix.size) == ("make it rain", "8", "1280x720")


def test_edits_and_extensions_take_an_uploaded_video(client: openai.OpenAI) -> None:
    upload = ("clip.mp4", b"\0\0\0\x18ftyp", "video/mp4")

    edit = client.videos.edit(prompt="in winter", video=upload)
    extension = client.videos.extend(prompt="and on", seconds="8", video=upload)

    assert (edit.prompt, extension.prompt, extension.seconds) == ("in winter", "and on", "8")


def test_models_are_listed_and_retired_ones_are_not(client: openai.OpenAI, simulator: SimulatorHandle) -> None:
    simulator.change(retired="sora-2-pro")

    names = [model.id for model in client.models.list()]

    assert "sora-2" in names and "sora-2-pro" not in names
    assert client.models.retrieve("sora-2").id == "sora-2"
    with pytest.raises(openai.NotFoundError, match="no longer available"):
        client.videos.create(prompt="a cat", model="sora-2-pro")


@pytest.mark.parametrize(
    ("marker", "error"),
    [
        ("[sim:submit=400]", openai.BadRequestError),
        ("[sim:submit=moderate]", openai.BadRequestError),
        ("[sim:submit=bad-key]", openai.AuthenticationError),
        ("[sim:submit=forbidden]", openai.PermissionDeniedError),
        ("[sim:submit=404]", openai.NotFoundError),
        ("[sim:submit=422]", openai.UnprocessableEntityError),
        ("[sim:submit=429,retry_after=7]", openai.RateLimitError),
        ("[sim:submit=quota]", openai.RateLimitError),
        ("[sim:submit=503]", openai.InternalServerError),
        ("[sim:submit=500-after]", openai.InternalServerError),
        ("[sim:submit=reset]", openai.APIConnectionError),
        ("[sim:submit=hang-up-after]", openai.APIConnectionError),
    ],
)
def test_each_refusal_raises_the_error_the_sdk_has_for_it(
    client: openai.OpenAI, marker: str, error: type[openai.APIError]
) -> None:
    with pytest.raises(error):
        client.videos.create(prompt=f"a cat {marker}")


def test_errors_carry_code_param_and_request_words(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.videos.create(prompt="a cat", model="sora-2", seconds="5")  # type: ignore[arg-type]

    assert (caught.value.code, caught.value.param) == ("invalid_value", "seconds")
    assert "Supported values are" in caught.value.message


def test_the_sdk_itself_pays_up_to_three_times_when_answers_are_lost(simulator: SimulatorHandle) -> None:
    with (
        openai.OpenAI(api_key="key-1", base_url=simulator.openai_base_url, max_retries=2) as client,
        pytest.raises(openai.InternalServerError),
    ):
        client.videos.create(prompt="a cat [sim:submit=500-after]")

    assert simulator.books()["duplicates"][0]["count"] == 3


@pytest.mark.parametrize("marker", ["[sim:fail]", "[sim:moderate-later]", "[sim:filtered]"])
def test_a_generation_that_fails_says_why(client: openai.OpenAI, simulator: SimulatorHandle, marker: str) -> None:
    video_id = client.videos.create(prompt=f"a cat {marker}").id
    simulator.advance(101)

    video = client.videos.retrieve(video_id)

    assert video.status == "failed" and video.error is not None
    assert video.error.code == ("video_generation_failed" if "fail" in marker else "moderation_blocked")


def test_each_key_sees_only_its_own_videos(client: openai.OpenAI, simulator: SimulatorHandle) -> None:
    video_id = client.videos.create(prompt="a cat").id

    with openai.OpenAI(api_key="key-2", base_url=simulator.openai_base_url, max_retries=0) as other:
        assert list(other.videos.list()) == []
        with pytest.raises(openai.NotFoundError):
            other.videos.retrieve(video_id)


@pytest.mark.parametrize("key", ["bad-key", "key-revoked"])
def test_a_bad_or_revoked_key_is_unauthorised(simulator: SimulatorHandle, key: str) -> None:
    simulator.revoke("key-revoked")

    with (
        openai.OpenAI(api_key=key, base_url=simulator.openai_base_url, max_retries=0) as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.videos.list()
