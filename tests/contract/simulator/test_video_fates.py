"""What can become of an accepted video, and what polls and lists say about it."""

import json
from typing import Any

import httpx
import pytest

from reelwork.testing import SimulatorHandle

OMNI = {"model": "gemini-omni-1.2-flash", "background": True, "response_format": {"type": "video", "delivery": "uri"}}


def create(http: httpx.Client, prompt: str) -> str:
    response = http.post("/v1/videos", json={"prompt": prompt})
    return str(response.raise_for_status().json()["id"])


def video(http: httpx.Client, video_id: str) -> dict[str, Any]:
    return dict(http.get(f"/v1/videos/{video_id}").raise_for_status().json())


def test_a_stuck_video_never_ends(http: httpx.Client, simulator: SimulatorHandle) -> None:
    video_id = create(http, "a cat [sim:stuck=60]")
    simulator.advance(1_000_000)

    shown = video(http, video_id)

    assert (shown["status"], shown["progress"]) == ("in_progress", 60)
    assert simulator.books()["in_flight"] == 1


def test_progress_can_go_backwards(http: httpx.Client, simulator: SimulatorHandle) -> None:
    video_id = create(http, "a cat [sim:backwards]")
    simulator.advance(54)
    halfway = video(http, video_id)["progress"]
    simulator.advance(30)

    assert video(http, video_id)["progress"] < halfway


def test_a_running_video_can_show_a_word_nobody_knows(http: httpx.Client, simulator: SimulatorHandle) -> None:
    video_id = create(http, "a cat [sim:word=rendering]")
    simulator.advance(50)
    assert video(http, video_id)["status"] == "rendering"

    simulator.advance(60)
    assert video(http, video_id)["status"] == "completed"


def test_a_failed_video_can_be_answered_with_500_and_the_video_as_body(
    http: httpx.Client, simulator: SimulatorHandle
) -> None:
    video_id = create(http, "a cat [sim:fail-as-500]")
    simulator.advance(101)

    response = http.get(f"/v1/videos/{video_id}")

    assert response.status_code == 500
    assert (response.json()["object"], response.json()["status"]) == ("video", "failed")


def test_a_video_can_end_as_cancelled_though_nobody_asked(http: httpx.Client, simulator: SimulatorHandle) -> None:
    video_id = create(http, "a cat [sim:cancelled]")
    simulator.advance(101)

    assert video(http, video_id)["status"] == "cancelled"


def test_a_poll_can_miss_for_a_while(http: httpx.Client) -> None:
    video_id = create(http, "a cat [sim:poll=404,times=2]")

    assert [http.get(f"/v1/videos/{video_id}").status_code for _ in range(3)] == [404, 404, 200]


def test_a_video_can_vanish_for_good(http: httpx.Client, simulator: SimulatorHandle) -> None:
    video_id = create(http, "a cat [sim:vanish=30]")
    assert http.get(f"/v1/videos/{video_id}").status_code == 200

    simulator.advance(31)

    assert http.get(f"/v1/videos/{video_id}").status_code == 404
    assert http.get("/v1/videos").json()["data"] == []


def test_a_poll_can_answer_twenty_megabytes(http: httpx.Client) -> None:
    made = http.post("/v1/interactions", json={**OMNI, "input": "a cat [sim:poll=huge]"}).json()

    response = http.get(f"/v1/interactions/{made['id']}")

    assert len(response.content) >= 20_000_000
    assert json.loads(response.content)["status"] == "in_progress"


def test_lists_can_lag_hide_prompts_and_leave_videos_out(http: httpx.Client, simulator: SimulatorHandle) -> None:
    simulator.change(listing_delay_s=20)
    shown = create(http, "a cat")
    create(http, "a dog [sim:unlisted]")
    hidden = create(http, "a bird [sim:hidden-prompt]")
    assert http.get("/v1/videos").json()["data"] == []

    simulator.advance(21)
    listed = http.get("/v1/videos").json()["data"]
    simulator.change(hide_prompts=True)

    assert [(entry["id"], entry["prompt"]) for entry in listed] == [(hidden, None), (shown, "a cat")]
    assert all(entry["prompt"] is None for entry in http.get("/v1/videos").json()["data"])


@pytest.mark.parametrize("status", [404, 410])
def test_a_result_expires_but_the_video_stays_known(
    http: httpx.Client, simulator: SimulatorHandle, status: int
) -> None:
    simulator.change(expired_status=status)
    video_id = create(http, "a cat [sim:expires=60]")
    simulator.advance(101)
    assert http.get(f"/v1/videos/{video_id}/content").status_code == 200

    simulator.advance(60)

    assert http.get(f"/v1/videos/{video_id}/content").status_code == status
    assert video(http, video_id)["status"] == "completed"


def test_a_restart_forgets_every_video_but_no_bill(http: httpx.Client, simulator: SimulatorHandle) -> None:
    video_id = create(http, "a cat")

    assert simulator.forget() == 1

    assert http.get(f"/v1/videos/{video_id}").status_code == 404
    books = simulator.books()
    assert (books["accepted"], books["in_flight"]) == (1, 0)
    assert books["submissions"][0]["state"] == "forgotten"


def test_the_clock_shown_outside_can_be_wrong(http: httpx.Client, simulator: SimulatorHandle) -> None:
    right = http.post("/v1/videos", json={"prompt": "a cat"})
    simulator.change(skew_s=-7200)
    wrong = http.post("/v1/videos", json={"prompt": "a dog"})

    assert wrong.json()["created_at"] - right.json()["created_at"] in range(-7201, -7197)
    assert wrong.headers["date"] != right.headers["date"]


def test_how_long_a_video_takes_can_be_written_into_its_prompt(http: httpx.Client, simulator: SimulatorHandle) -> None:
    video_id = create(http, "a cat [sim:takes=500]")
    simulator.advance(400)
    assert video(http, video_id)["status"] == "in_progress"

    simulator.advance(101)
    assert video(http, video_id)["status"] == "completed"


def test_an_unknown_interaction_is_a_bad_request_as_at_google(http: httpx.Client) -> None:
    response = http.get("/v1/interactions/v1_nobody")

    assert response.status_code == 400
    assert response.json()["error"] == {"code": "invalid_request", "message": "Invalid interaction name."}


@pytest.mark.parametrize(
    "body",
    [
        {"response_format": {"type": "video", "duration": 8}},
        {"model": "no-such-model"},
        {"input": ""},
        {"response_format": {"type": "text"}},
    ],
)
def test_a_malformed_interaction_is_refused_before_it_costs(
    http: httpx.Client, simulator: SimulatorHandle, body: dict[str, Any]
) -> None:
    response = http.post("/v1/interactions", json={**OMNI, "input": "a cat", **body})

    assert response.status_code in (400, 404)
    assert simulator.books()["accepted"] == 0


def test_veo_as_the_gemini_api_spoke_it_still_works(http: httpx.Client, simulator: SimulatorHandle) -> None:
    path = "/v1beta/models/veo-3.1-generate-preview"
    made = http.post(path + ":predictLongRunning", json={"instances": [{"prompt": "a cat"}]}).json()
    assert http.get(f"/v1beta/{made['name']}").json() == made
    simulator.advance(101)

    done = http.get(f"/v1beta/{made['name']}").json()
    uri = done["response"]["generateVideoResponse"]["generatedSamples"][0]["video"]["uri"]

    assert http.get(uri).content[4:8] == b"ftyp"
