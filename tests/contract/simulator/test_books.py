"""The books count exactly what was paid for, by whom, how fast and how much of it at once."""

import httpx
import pytest

from reelwork.testing import SimulatorHandle

OMNI = {"model": "gemini-omni-1.2-flash", "background": True, "response_format": {"type": "video", "delivery": "uri"}}


def create(http: httpx.Client, prompt: str, key: str = "key-1") -> httpx.Response:
    return http.post("/v1/videos", json={"prompt": prompt}, headers={"authorization": f"Bearer {key}"})


def test_accepted_submissions_are_listed_in_order_with_what_they_asked(
    http: httpx.Client, simulator: SimulatorHandle
) -> None:
    first = create(http, "a cat").json()
    create(http, "refused [sim:submit=429]")
    second = create(http, "a dog [sim:mark=scene-2]").json()

    books = simulator.books()

    assert [line["id"] for line in books["submissions"]] == [first["id"], second["id"]]
    assert [(line["n"], line["prompt"], line["mark"]) for line in books["submissions"]] == [
        (1, "a cat", None),
        (2, "a dog [sim:mark=scene-2]", "scene-2"),
    ]
    assert (books["accepted"], books["submissions_arrived"], len(books["arrivals"])) == (2, 3, 3)
    assert books["marks"] == {"scene-2": 1}


def test_the_same_request_accepted_twice_is_a_duplicate_but_not_across_keys(
    http: httpx.Client, simulator: SimulatorHandle
) -> None:
    ids = [create(http, "a cat").json()["id"] for _ in range(2)]
    create(http, "a cat", key="key-2")
    create(http, "a dog")

    (duplicate,) = simulator.books()["duplicates"]

    assert (duplicate["prompt"], duplicate["count"], duplicate["ids"]) == ("a cat", 2, ids)


def test_a_label_accepted_twice_is_told_apart_from_a_repeated_request(
    http: httpx.Client, simulator: SimulatorHandle
) -> None:
    for label in ("job-1", "job-1", "job-2"):
        http.post("/v1/interactions", json={**OMNI, "input": "a cat", "labels": {"job": label}}).raise_for_status()

    books = simulator.books()

    assert [(entry["label"], entry["count"]) for entry in books["label_duplicates"]] == [("job-1", 2)]
    assert books["duplicates"][0]["labels"] == ["job-1", "job-1", "job-2"]


def test_peak_in_flight_and_its_history_follow_beginnings_and_ends(
    http: httpx.Client, simulator: SimulatorHandle
) -> None:
    for prompt in ("one", "two", "three [sim:takes=300]"):
        create(http, prompt)
    simulator.advance(150)
    create(http, "four")

    books = simulator.books()

    assert (books["peak_in_flight"], books["in_flight"]) == (3, 2)
    assert [count for _, count in books["in_flight_history"]] == [1, 2, 3, 2, 1, 2, 1, 0]


def test_starts_are_counted_in_windows_by_key(http: httpx.Client, simulator: SimulatorHandle) -> None:
    for key, pause_s in (("key-1", 0), ("key-1", 0), ("key-2", 10), ("key-1", 70)):
        simulator.advance(pause_s)
        create(http, f"a cat for {key}", key)

    books = simulator.books()
    of_first, of_second = (simulator.books(key=key) for key in ("key-1", "key-2"))

    assert books["most_accepted_within"] == {"6s": 2, "60s": 3}
    assert of_first["most_accepted_within"] == {"6s": 2, "60s": 2}
    assert (of_second["accepted"], of_second["most_accepted_within"]["60s"]) == (1, 1)
    assert sorted(account["accepted"] for account in books["accounts"].values()) == [1, 3]


def test_requests_are_counted_by_endpoint_and_by_status(http: httpx.Client, simulator: SimulatorHandle) -> None:
    video_id = create(http, "a cat").json()["id"]
    http.get(f"/v1/videos/{video_id}")
    http.get("/v1/videos/video_unknown")
    http.get("/v1/videos")
    with pytest.raises(httpx.RemoteProtocolError):
        create(http, "lost [sim:submit=hang-up]")

    books = simulator.books(brief=True)

    assert books["requests"] == {"openai.list": 1, "openai.poll": 2, "openai.submit": 2}
    assert books["statuses"] == {"200": 3, "404": 1, "444": 1}
    assert "submissions" not in books


def test_no_key_shows_in_the_books(http: httpx.Client, simulator: SimulatorHandle) -> None:
    create(http, "a cat", key="sk-very-secret")

    assert "sk-very-secret" not in http.get("/_sim/books").text
    assert simulator.books(key="sk-very-secret")["accepted"] == 1


def test_the_books_can_be_closed_without_losing_a_video(http: httpx.Client, simulator: SimulatorHandle) -> None:
    video_id = create(http, "a cat").json()["id"]

    simulator.reset_books()

    assert simulator.books()["accepted"] == 0
    assert http.get(f"/v1/videos/{video_id}").status_code == 200


def test_deletes_end_a_video_in_the_books(http: httpx.Client, simulator: SimulatorHandle) -> None:
    made = http.post("/v1/interactions", json={**OMNI, "input": "a cat"}).json()

    http.delete(f"/v1/interactions/{made['id']}").raise_for_status()

    books = simulator.books()
    assert books["in_flight"] == 0 and books["submissions"][0]["state"] == "deleted"
    assert books["requests"]["omni.delete"] == 1
