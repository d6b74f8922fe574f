"""The official google-genai SDK, pointed at the simulator, drives Veo on Vertex."""

from collections.abc import Iterator
from typing import Any

import pytest
from google import genai
from google.auth.transport.requests import Request
from google.genai import errors, types
from google.oauth2 import service_account
from google.oauth2.credentials import Credentials

from reelwork.testing import SimulatorHandle

MODEL = "veo-3.1-generate-001"
SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]


def vertex_client(simulator: SimulatorHandle, credentials: Any) -> genai.Client:
    options = types.HttpOptions(base_url=simulator.vertex_base_url, api_version="v1")
    where = {"project": "p", "location": "us-central1"}
    return genai.Client(vertexai=True, credentials=credentials, http_options=options, **where)


@pytest.fixture(scope="module")
def _connected(_served: SimulatorHandle) -> Iterator[genai.Client]:
    client = vertex_client(_served, Credentials(token="key-1"))
    yield client
    client.close()


@pytest.fixture
def client(simulator: SimulatorHandle, _connected: genai.Client) -> genai.Client:
    return _connected


def generate(client: genai.Client, prompt: str = "a cat", **changes: Any) -> types.GenerateVideosOperation:
    config = {"duration_seconds": 8, "aspect_ratio": "16:9", "output_gcs_uri": "gs://bucket/out/", **changes}
    source = types.GenerateVideosSource(prompt=prompt)
    return client.models.generate_videos(model=MODEL, source=source, config=types.GenerateVideosConfig(**config))


def test_an_operation_runs_without_done_and_ends_with_an_object(
    client: genai.Client, simulator: SimulatorHandle
) -> None:
    operation = generate(client)
    running = client.operations.get(operation)
    simulator.advance(101)
    done = client.operations.get(operation)

    assert operation.name.startswith(f"projects/p/locations/us-central1/publishers/google/models/{MODEL}/operations/")
    assert running.done is None
    assert done.done and done.response.rai_media_filtered_count == 0
    assert done.response.generated_videos[0].video.uri.startswith("gs://bucket/out/")


def test_without_a_bucket_the_clip_comes_inline_in_every_poll(client: genai.Client, simulator: SimulatorHandle) -> None:
    operation = generate(client, output_gcs_uri=None, number_of_videos=2)
    simulator.advance(101)

    for _ in range(2):
        videos = client.operations.get(operation).response.generated_videos
        assert [video.video.video_bytes[4:8] for video in videos] == [b"ftyp", b"ftyp"]


def test_a_filtered_video_is_no_error_but_has_no_output(client: genai.Client, simulator: SimulatorHandle) -> None:
    operation = generate(client, "a cat [sim:filtered]")
    simulator.advance(101)

    response = client.operations.get(operation).response

    assert response.rai_media_filtered_count == 1 and not response.generated_videos
    assert "Support codes" in response.rai_media_filtered_reasons[0]


@pytest.mark.parametrize("code", [3, 8, 13, 14])
def test_a_failed_operation_carries_its_rpc_code(client: genai.Client, simulator: SimulatorHandle, code: int) -> None:
    operation = generate(client, f"a cat [sim:rpc={code}]")
    simulator.advance(101)

    done = client.operations.get(operation)

    assert done.done and done.error["code"] == code and done.response is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"duration_seconds": 5}, "Unsupported durationSeconds"),
        ({"aspect_ratio": "1:1"}, "Unsupported aspectRatio"),
        ({"resolution": "360p"}, "Unsupported resolution"),
        ({"number_of_videos": 9}, "Unsupported sampleCount"),
    ],
)
def test_what_the_model_cannot_do_is_refused(client: genai.Client, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(errors.ClientError, match=words):
        generate(client, **changes)


@pytest.mark.parametrize(
    ("marker", "error", "code"),
    [
        ("[sim:submit=429]", errors.ClientError, 429),
        ("[sim:submit=quota]", errors.ClientError, 429),
        ("[sim:submit=403]", errors.ClientError, 403),
        ("[sim:submit=retired]", errors.ClientError, 404),
        ("[sim:submit=503]", errors.ServerError, 503),
        ("[sim:submit=500-after]", errors.ServerError, 500),
    ],
)
def test_each_refusal_raises_the_error_the_sdk_has_for_it(
    client: genai.Client, marker: str, error: type[errors.APIError], code: int
) -> None:
    with pytest.raises(error) as caught:
        generate(client, f"a cat {marker}")

    assert caught.value.code == code


def test_a_forgotten_operation_is_not_found(client: genai.Client, simulator: SimulatorHandle) -> None:
    operation = generate(client)
    simulator.forget(dialect="vertex")

    with pytest.raises(errors.ClientError) as caught:
        client.operations.get(operation)

    assert caught.value.code == 404


def test_a_service_account_signs_in_at_the_simulator(simulator: SimulatorHandle) -> None:
    account = simulator.service_account(project="p", email="worker@p.iam.gserviceaccount.com")
    credentials = service_account.Credentials.from_service_account_info(account, scopes=SCOPES)
    client = vertex_client(simulator, credentials)

    generate(client)
    client.close()

    assert credentials.token.startswith("ya29.sim-")
    assert simulator.books(key="worker@p.iam.gserviceaccount.com")["accepted"] == 1


def test_a_token_grows_old_and_is_refreshed(simulator: SimulatorHandle) -> None:
    credentials = service_account.Credentials.from_service_account_info(simulator.service_account(), scopes=SCOPES)
    credentials.refresh(Request())
    client = vertex_client(simulator, Credentials(token=credentials.token))
    generate(client)

    simulator.advance(3600)

    with pytest.raises(errors.ClientError) as caught:
        generate(client)
    client.close()
    assert caught.value.code == 401
