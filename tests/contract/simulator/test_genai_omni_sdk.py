"""The official google-genai SDK, pointed at the simulator, makes videos through the Interactions API."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from google import genai
from google.genai import types
from google.genai._gaos.lib import compat_errors as errors

from reelwork.testing import SimulatorHandle

pytestmark = [
    pytest.mark.filterwarnings("ignore::UserWarning:google.genai"),
    pytest.mark.filterwarnings("ignore:.*is experimental:UserWarning"),
]


@pytest.fixture(scope="module")
def _connected(_served: SimulatorHandle) -> Iterator[genai.Client]:
    retries = types.HttpRetryOptions(attempts=1)
    options = types.HttpOptions(base_url=_served.gemini_base_url, retry_options=retries)
    client = genai.Client(api_key="key-1", http_options=options)
    yield client
    client.close()


@pytest.fixture
def client(simulator: SimulatorHandle, _connected: genai.Client) -> genai.Client:
    return _connected


def create(client: genai.Client, prompt: str = "a cat", **changes: Any) -> Any:
    """Submit with the parameters that matter in most tests."""
    wanted = {"type": "video", "aspect_ratio": "16:9", "resolution": "720p", "duration": "5s", "delivery": "uri"}
    wanted |= changes.pop("response_format", {})
    parameters = {"model": "gemini-omni-1.2-flash", "background": True, "input": prompt, "response_format": wanted}
    return client.interactions.create(**{**parameters, **changes})


def test_an_interaction_runs_and_ends_with_a_file(client: genai.Client, simulator: SimulatorHandle) -> None:
    made = create(client, labels={"job": "job-7"})
    assert made.id.startswith("v1_") and made.status == "in_progress"

    simulator.advance(101)
    done = client.interactions.get(made.id)

    assert done.status == "completed" and done.output_video is not None
    assert done.output_video.uri.startswith(simulator.url + "/v1beta/files/")
    assert done.usage.total_output_tokens == 5 * 5792
    assert done.labels == {"job": "job-7"}
    assert simulator.books()["submissions"][0]["label"] == "job-7"


def test_the_file_is_downloaded_with_the_sdk(client: genai.Client, simulator: SimulatorHandle) -> None:
    made = create(client)
    simulator.advance(101)
    file_id = client.interactions.get(made.id).output_video.uri.rpartition("/")[2]

    data = client.files.download(file=f"files/{file_id}")

    assert data[4:8] == b"ftyp"


def test_a_file_is_processing_for_a_while_after_completion(client: genai.Client, simulator: SimulatorHandle) -> None:
    made = create(client, "a cat [sim:file-processing=30]")
    simulator.advance(101)
    name = client.interactions.get(made.id).output_video.uri.rpartition("/")[2]

    first = client.files.get(name=f"files/{name}")
    simulator.advance(30)
    second = client.files.get(name=f"files/{name}")

    assert first.state is types.FileState.PROCESSING
    assert second.state is types.FileState.ACTIVE and second.size_bytes and second.size_bytes > 1000


def test_inline_delivery_carries_the_clip_itself(client: genai.Client, simulator: SimulatorHandle) -> None:
    made = create(client, response_format={"delivery": "inline"})
    simulator.advance(101)

    video = client.interactions.get(made.id).output_video

    assert video.uri is None and base64.b64decode(video.data)[4:8] == b"ftyp"


def test_without_background_the_call_waits_for_the_video(client: genai.Client, simulator: SimulatorHandle) -> None:
    done = create(client, "a cat [sim:takes=0.2]", background=False)

    assert done.status == "completed" and done.output_video is not None


def test_a_cancelled_interaction_stops(client: genai.Client, simulator: SimulatorHandle) -> None:
    made = create(client)
    simulator.advance(50)

    cancelled = client.interactions.cancel(made.id)
    simulator.advance(100)

    assert cancelled.status == "cancelled"
    assert client.interactions.get(made.id).status == "cancelled"
    with pytest.raises(errors.BadRequestError):
        client.interactions.cancel(made.id)


def test_a_deleted_interaction_is_an_invalid_name(client: genai.Client, simulator: SimulatorHandle) -> None:
    made = create(client)
    simulator.advance(101)

    client.interactions.delete(made.id)

    with pytest.raises(errors.BadRequestError, match="Invalid interaction name"):
        client.interactions.get(made.id)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"response_format": {"duration": "16s"}}, "Unsupported duration"),
        ({"response_format": {"resolution": "480p"}}, "Unsupported resolution"),
        ({"response_format": {"aspect_ratio": "1:1"}}, "Unsupported aspect_ratio"),
        ({"labels": {"Job": "UPPER"}}, "Invalid label"),
    ],
)
def test_what_the_model_cannot_do_is_refused(client: genai.Client, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(errors.BadRequestError, match=words):
        create(client, **changes)


@pytest.mark.parametrize(
    ("prompt", "error"),
    [
        ("[sim:submit=400] a cat", errors.BadRequestError),
        ("[sim:submit=moderate] a cat", errors.BadRequestError),
        ("[sim:submit=retired] a cat", errors.NotFoundError),
        ("[sim:submit=quota] a cat", errors.RateLimitError),
        ("[sim:submit=429] a cat", errors.RateLimitError),
        ("[sim:submit=500-after] a cat", errors.InternalServerError),
    ],
)
def test_each_refusal_raises_the_error_the_sdk_has_for_it(
    client: genai.Client, prompt: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        create(client, prompt)


def test_a_retired_model_is_not_found(client: genai.Client) -> None:
    with pytest.raises(errors.NotFoundError, match="no longer available"):
        create(client, model="gemini-omni-flash-preview")


def test_a_failed_generation_lists_its_errors(client: genai.Client, simulator: SimulatorHandle) -> None:
    made = create(client, "a cat [sim:fail,message=out of luck]")
    simulator.advance(101)

    failed = client.interactions.get(made.id)

    assert failed.status == "failed"
    assert failed.errors[0].message == "out of luck"


@pytest.mark.parametrize("marker", ["[sim:text-only]", "[sim:moderate-later]", "[sim:filtered]"])
def test_a_refusal_by_content_rules_completes_with_words_only(
    client: genai.Client, simulator: SimulatorHandle, marker: str
) -> None:
    made = create(client, f"a cat {marker}")
    simulator.advance(101)

    done = client.interactions.get(made.id)

    assert done.status == "completed" and done.output_video is None
    assert "usage guidelines" in done.output_text
    assert all(entry.modality != "video" for entry in done.usage.output_tokens_by_modality)


def test_output_may_follow_after_completion(client: genai.Client, simulator: SimulatorHandle) -> None:
    made = create(client, "a cat [sim:no-output=60]")
    simulator.advance(101)
    empty = client.interactions.get(made.id)
    simulator.advance(60)

    assert empty.status == "completed" and empty.output_video is None and empty.usage is None
    assert client.interactions.get(made.id).output_video is not None


def test_a_bad_key_is_refused_as_google_does(simulator: SimulatorHandle) -> None:
    options = types.HttpOptions(base_url=simulator.url, retry_options=types.HttpRetryOptions(attempts=1))
    bad, invalid = (genai.Client(api_key=key, http_options=options) for key in ("bad-key", "invalid-key"))

    with pytest.raises(errors.PermissionDeniedError):
        create(bad)
    with pytest.raises(errors.BadRequestError, match="API key not valid"):
        create(invalid)
    bad.close()
    invalid.close()
