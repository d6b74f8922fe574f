"""The simulator's own endpoints: rules, options, the clock, and clear words where one is used wrongly."""

import httpx
import pytest

from reelwork.testing import SimulatorHandle


def create(http: httpx.Client, prompt: str = "a cat", **fields: str) -> int:
    return http.post("/v1/videos", json={"prompt": prompt, **fields}).status_code


def test_a_rule_strikes_after_some_calls_and_only_so_often(http: httpx.Client, simulator: SimulatorHandle) -> None:
    simulator.add_fault("submit=503,skip=1,times=2")

    assert [create(http) for _ in range(5)] == [200, 503, 503, 200, 200]
    (rule,) = http.get("/_sim/faults").json()["rules"]
    assert (rule["seen"], rule["hits"]) == (5, 2)


def test_a_rule_can_be_given_in_fields_and_taken_back(http: httpx.Client) -> None:
    rule = {"endpoint": "submit", "kind": "429", "count": 5, "params": {"retry_after": 2}, "match": {"model": "m-1"}}
    rule_ids = http.post("/_sim/faults", json=[rule]).json()["ids"]
    assert [create(http, model="m-1"), create(http, model="m-2")] == [429, 200]

    assert http.delete(f"/_sim/faults/{rule_ids[0]}").json() == {"removed": True}
    assert create(http, model="m-1") == 200


@pytest.mark.parametrize("match", ["key=key-1", "dialect=openai", "prompt=cat", "model=sora-2"])
def test_a_rule_strikes_only_what_it_matches(http: httpx.Client, simulator: SimulatorHandle, match: str) -> None:
    simulator.add_fault(f"submit=503,{match}")
    other = {"authorization": "Bearer key-2"}

    assert create(http) == 503
    answer = http.post("/v1/videos", json={"prompt": "a dog", "model": "sora-2-pro"}, headers=other)
    assert answer.status_code == (503 if match.startswith("dialect") else 200)


def test_a_probability_strikes_some_calls(http: httpx.Client, simulator: SimulatorHandle) -> None:
    simulator.add_fault("submit=503,probability=0.3")

    struck = sum(create(http) == 503 for _ in range(200))

    assert 30 <= struck <= 95


def test_a_fate_can_be_dealt_by_rule(http: httpx.Client, simulator: SimulatorHandle) -> None:
    simulator.add_fault("fail=out_of_memory,probability=1,times=1")
    ids = [http.post("/v1/videos", json={"prompt": "a cat"}).json()["id"] for _ in range(2)]
    simulator.advance(101)

    failed, done = (http.get(f"/v1/videos/{video_id}").json() for video_id in ids)

    assert failed["error"]["code"] == "out_of_memory" and done["status"] == "completed"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("submit=explode", "no fault is called"),
        ("submit=truncated", "cannot be used at submit"),
        ("fail=x,colour=red", "takes no 'colour'"),
        ("submit=429,times=often", "is not a number"),
        ("submit=429,times", "not of the form name=value"),
        ("silent=yes", "takes no value"),
    ],
)
def test_a_rule_that_cannot_be_understood_is_explained(simulator: SimulatorHandle, rule: str, words: str) -> None:
    with pytest.raises(httpx.HTTPStatusError, match=words):
        simulator.add_fault(rule)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"generation": 3}, "unknown option generation"),
        ({"generation_s": "soon"}, "is a float"),
        ({"generation_s": -1}, "must not be negative"),
        ({"lean": "perhaps"}, "is true or false"),
        ({"expired_status": 500}, "404 or 410"),
    ],
)
def test_a_wrong_option_is_refused_by_name(
    simulator: SimulatorHandle, options: dict[str, str | int], words: str
) -> None:
    with pytest.raises(httpx.HTTPStatusError, match=words):
        simulator.change(**options)


def test_the_overview_names_every_fault_and_where_to_point_clients(
    http: httpx.Client, simulator: SimulatorHandle
) -> None:
    overview = http.get("/_sim").json()

    assert overview["openai_base_url"] == simulator.openai_base_url
    assert overview["faults"]["stuck"]["does"] and "submit" in overview["endpoints"]


def test_a_reset_leaves_nothing_behind(http: httpx.Client, simulator: SimulatorHandle) -> None:
    create(http)
    simulator.add_fault("submit=503")
    simulator.change(generation_s=1)
    simulator.revoke("key-1")

    simulator.reset()

    assert create(http) == 200
    assert len(http.get("/v1/videos").json()["data"]) == simulator.books()["accepted"] == 1
    assert http.get("/_sim/options").json()["generation_s"] == 100


def test_a_malformed_control_call_is_a_bad_request(http: httpx.Client) -> None:
    assert http.post("/_sim/clock", json={}).status_code == 400
    assert http.post("/_sim/clock", json={"advance_s": -1}).status_code == 400
    assert http.post("/_sim/faults", content=b"{").status_code == 400
