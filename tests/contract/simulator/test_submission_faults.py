"""Whatever happens to a paid submission: what the caller sees, and whether it was accepted."""

import time

import httpx
import pytest

from reelwork.testing import SimulatorHandle

OMNI = {"model": "gemini-omni-1.2-flash", "background": True, "response_format": {"type": "video", "delivery": "uri"}}
VEO_PATH = "/v1/projects/p/locations/l/publishers/google/models/veo-3.1-generate-001:predictLongRunning"


def submit(http: httpx.Client, dialect: str, prompt: str) -> httpx.Response:
    if dialect == "openai":
        return http.post("/v1/videos", json={"prompt": prompt})
    if dialect == "omni":
        return http.post("/v1/interactions", json={**OMNI, "input": prompt})
    return http.post(VEO_PATH, json={"instances": [{"prompt": prompt}]})


@pytest.fixture(params=["openai", "omni", "vertex"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504])
def test_a_status_is_answered_and_nothing_is_accepted(
    http: httpx.Client, simulator: SimulatorHandle, dialect: str, status: int
) -> None:
    response = submit(http, dialect, f"a cat [sim:submit={status}]")

    assert response.status_code == status and response.json()["error"]["message"]
    books = simulator.books()
    assert (books["accepted"], books["submissions_arrived"]) == (0, 1)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_status_after_the_work_hides_an_accepted_submission(
    http: httpx.Client, simulator: SimulatorHandle, dialect: str, status: int
) -> None:
    response = submit(http, dialect, f"a cat [sim:submit={status}-after]")

    assert response.status_code == status
    assert simulator.books()["accepted"] == 1


@pytest.mark.parametrize(
    ("fault", "accepted"), [("reset", 0), ("hang-up", 0), ("reset-after", 1), ("hang-up-after", 1)]
)
def test_a_connection_lost_before_or_after_the_work(
    http: httpx.Client, simulator: SimulatorHandle, dialect: str, fault: str, accepted: int
) -> None:
    error = httpx.ReadError if "reset" in fault else httpx.RemoteProtocolError

    with pytest.raises(error):
        submit(http, dialect, f"a cat [sim:submit={fault}]")

    assert simulator.books()["accepted"] == accepted


@pytest.mark.parametrize(("fault", "accepted"), [("hang", 0), ("hang-after", 1)])
def test_silence_lasts_until_the_client_gives_up(
    simulator: SimulatorHandle, dialect: str, fault: str, accepted: int
) -> None:
    headers = {"authorization": "Bearer key-1", "x-goog-api-key": "key-1"}
    with (
        httpx.Client(base_url=simulator.url, headers=headers, timeout=0.4, trust_env=False) as impatient,
        pytest.raises(httpx.ReadTimeout),
    ):
        submit(impatient, dialect, f"a cat [sim:submit={fault}]")

    assert simulator.books()["accepted"] == accepted


def test_the_window_between_acceptance_and_lost_answer_can_be_set(
    http: httpx.Client, simulator: SimulatorHandle
) -> None:
    before = time.monotonic()
    with pytest.raises(httpx.RemoteProtocolError):
        submit(http, "openai", "a cat [sim:submit=hang-up-after,window=0.5]")

    assert 0.5 <= time.monotonic() - before < 3


def test_a_slow_submission_is_accepted_though_its_sender_is_gone(simulator: SimulatorHandle) -> None:
    with (
        httpx.Client(base_url=simulator.url, timeout=0.2, trust_env=False) as impatient,
        pytest.raises(httpx.ReadTimeout),
    ):
        key = {"authorization": "Bearer key-1"}
        impatient.post("/v1/videos", json={"prompt": "a cat [sim:submit=slow,seconds=0.6]"}, headers=key)
    assert simulator.books()["accepted"] == 0

    deadline = time.monotonic() + 5
    while simulator.books()["accepted"] == 0:
        assert time.monotonic() < deadline, "the simulator never accepted it"


@pytest.mark.parametrize("fault", ["truncated-json", "html", "no-id", "cut"])
def test_an_answer_that_cannot_be_read_hides_an_accepted_submission(
    http: httpx.Client, simulator: SimulatorHandle, dialect: str, fault: str
) -> None:
    try:
        response = submit(http, dialect, f"a cat [sim:submit={fault}]")
        assert response.status_code == 200 and '"id"' not in response.text[:1]
    except httpx.RemoteProtocolError:
        assert fault == "cut"

    assert simulator.books()["accepted"] == 1


def test_a_rate_limit_names_when_to_come_back(http: httpx.Client, dialect: str) -> None:
    response = submit(http, dialect, "a cat [sim:submit=rate-limit,retry_after=7,retry_after_ms=6500]")

    assert response.status_code == 429
    assert (response.headers["retry-after"], response.headers["retry-after-ms"]) == ("7", "6500")


def test_final_refusals_tell_clients_not_to_retry(http: httpx.Client) -> None:
    quota = submit(http, "openai", "a cat [sim:submit=quota]")
    moderated = submit(http, "openai", "a cat [sim:submit=moderate]")

    assert quota.json()["error"]["code"] == "insufficient_quota"
    assert moderated.json()["error"]["code"] == "sentinel_block"
    assert quota.headers["x-should-retry"] == moderated.headers["x-should-retry"] == "false"


def test_google_errors_carry_their_rpc_status_and_can_come_as_an_array(http: httpx.Client) -> None:
    plain = submit(http, "vertex", "a cat [sim:submit=429]").json()
    wrapped = submit(http, "omni", "a cat [sim:submit=503,array=1]").json()

    assert plain["error"]["status"] == "RESOURCE_EXHAUSTED" and plain["error"]["code"] == 429
    assert wrapped[0]["error"]["status"] == "UNAVAILABLE"


def test_a_fault_may_strike_a_number_of_times_only(http: httpx.Client) -> None:
    answers = [submit(http, "openai", "a cat [sim:submit=503,times=2]").status_code for _ in range(3)]

    assert answers == [503, 503, 200]


def test_an_unknown_marker_is_explained_to_its_author(http: httpx.Client) -> None:
    response = submit(http, "openai", "a cat [sim:submit=explode]")

    assert response.status_code == 400
    assert "no fault is called 'explode'" in response.json()["error"]["message"]


def test_the_answer_can_be_held_back_after_acceptance(http: httpx.Client, simulator: SimulatorHandle) -> None:
    simulator.change(submit_delay_ms=300)
    before = time.monotonic()

    assert submit(http, "openai", "a cat").status_code == 200
    assert time.monotonic() - before >= 0.3
