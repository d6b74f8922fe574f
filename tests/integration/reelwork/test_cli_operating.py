"""Steering a server from the command line, and deciding about what nobody can account for."""

import json
from collections.abc import Callable

import pytest
from typer.testing import Result

from tests.integration.reelwork.stub_server import Stub, problem

Cli = Callable[..., Result]
LANES = {
    "lanes": [
        {"id": "1111-aaaa", "provider": "sora", "server": None, "ratePerMinute": 10, "maxInFlight": 0, "inFlight": 2,
         "queued": 5, "paused": False, "breaker": "open", "breakerReason": "503"},
        {"id": "2222-bbbb", "provider": "veo", "server": None, "ratePerMinute": None, "maxInFlight": 4, "inFlight": 0,
         "queued": 0, "paused": True, "pauseReason": "invoice", "breaker": "closed"},
    ],
    "paused": False, "pauseReason": None,
}  # fmt: skip


def test_lanes_are_listed_with_what_holds_them_back(cli: Cli, stub: Stub) -> None:
    stub.fixed["GET", "/api/admin/lanes"] = 200, LANES

    lines = [line.split("\t") for line in cli("lanes").stdout.splitlines()[1:]]

    assert lines == [
        ["1111-aaaa", "sora", "2", "5", "10", "none", "breaker open", "503"],
        ["2222-bbbb", "veo", "0", "0", "server's", "4", "paused", "invoice"],
    ]
    assert json.loads(cli("lanes", "--json").stdout) == LANES


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        (("pause", "sora"), {"paused": True}),
        (("resume", "aaaa"), {"paused": False}),
        (("set", "1111-aaaa", "--rate", "30", "--cap", "0"), {"ratePerMinute": 30, "maxInFlight": 0}),
    ],
)
def test_a_lane_is_changed_by_its_provider_or_a_piece_of_its_id(
    cli: Cli, stub: Stub, words: tuple[str, ...], sent: dict[str, object]
) -> None:
    stub.fixed["GET", "/api/admin/lanes"] = 200, LANES
    stub.fixed["PATCH", "/api/admin/lanes/1111-aaaa"] = 200, LANES["lanes"][0]

    assert cli("lanes", *words).exit_code == 0
    (call,) = stub.calls_to("PATCH", "/api/admin/lanes/1111-aaaa")
    assert call.body == sent


@pytest.mark.parametrize("words", [("pause", "omni"), ("set", "sora"), ("set", "sora", "--rate", "-1")])
def test_a_lane_that_is_not_meant_clearly_is_left_alone(cli: Cli, stub: Stub, words: tuple[str, ...]) -> None:
    stub.fixed["GET", "/api/admin/lanes"] = 200, LANES

    assert cli("lanes", *words).exit_code == 2
    assert {call.method for call in stub.calls} <= {"GET"}


@pytest.fixture
def in_review(stub: Stub) -> Stub:
    """One video that needs a decision."""
    stub.looks = [{"status": "needs_review"}]
    stub.add({"jobId": "one", "provider": "veo", "scene": "A fox"}, "tale")
    stub.videos["one"]["costEstimateUsd"] = 0.4
    stub.fixed["POST", "/api/admin/jobs/one/resolve"] = 200, {"jobId": "one", "status": "queued", "stage": "queued"}
    return stub


def test_what_a_decision_costs_is_said_before_it_is_made(cli: Cli, in_review: Stub) -> None:
    unasked = cli("review", "resolve", "one", "resubmit")

    assert unasked.exit_code == 2
    assert "costs $0.40" in unasked.stderr
    assert "paid twice" in unasked.stderr
    assert not in_review.calls_to("POST", "/api/admin/jobs/one/resolve")

    done = cli("review", "resolve", "one", "resubmit", "--yes", "--note", "worth it")
    assert (done.exit_code, done.stdout) == (0, "one: queued\n")
    (call,) = in_review.calls_to("POST", "/api/admin/jobs/one/resolve")
    assert call.body == {"action": "resubmit", "note": "worth it"}


def test_only_adopting_takes_the_providers_id(cli: Cli, in_review: Stub) -> None:
    assert cli("review", "resolve", "one", "adopt", "-y").exit_code == 2
    assert cli("review", "resolve", "one", "fail", "--id", "video_1", "-y").exit_code == 2
    assert cli("review", "resolve", "one", "adopt", "--id", "video_1", "-y").exit_code == 0


def test_the_inbox_is_listed(cli: Cli, in_review: Stub) -> None:
    in_review.fixed["GET", "/api/admin/review"] = 200, {"jobs": [in_review.look_at("one")]}

    done = cli("review")

    assert done.stdout.splitlines()[1].split("\t")[:4] == ["one", "veo", "-", "$0.40"]
    assert "reelwork review resolve" in done.stderr


def test_pause_and_resume_say_what_they_did(cli: Cli, stub: Stub) -> None:
    stub.fixed["POST", "/api/admin/pause"] = 200, {"paused": True, "reason": "invoice"}
    stub.fixed["POST", "/api/admin/resume"] = problem(403, "missing_scope", "This key lacks the scope operate")

    assert "Paused" in cli("pause", "-r", "invoice").stdout
    refused = cli("resume")
    assert refused.exit_code == 4
    assert "lacks the scope operate" in refused.stderr
    assert "app.keys create" in refused.stderr


def test_alerts_are_listed_and_tested(cli: Cli, stub: Stub) -> None:
    open_one = {"key": "no_worker", "text": "No worker lives", "since": "2026-11-23T12:00:00Z", "endedAt": None,
                "told": "start", "toldAt": None}  # fmt: skip
    stub.fixed["GET", "/api/admin/alerts"] = 200, {"alerts": [open_one], "receivers": 0}
    stub.fixed["POST", "/api/admin/alerts/test"] = 200, {"success": True, "receivers": 2}

    listed = cli("alerts")

    assert listed.stdout.splitlines()[1].startswith("open\t")
    assert "Nobody is told" in listed.stderr
    assert cli("alerts", "test").stdout == "Told 2 receiver(s).\n"


def test_spend_is_summed_with_what_budgets_have_left(cli: Cli, stub: Stub) -> None:
    stub.fixed["GET", "/api/admin/spend"] = 200, {
        "from": "2026-11-01", "to": "2026-11-26", "spentUsd": 4.2, "reservedUsd": 0.4,
        "groups": [{"day": "2026-11-25", "spentUsd": 4.2, "reservedUsd": 0.4, "attempts": 11}],
        "budgets": [{"budget": "installation", "id": None, "period": "day", "span": "2026-11-26", "limitUsd": 10.0,
                     "committedUsd": 4.6, "remainingUsd": 5.4, "nearlySpent": False}],
    }  # fmt: skip

    done = cli("spend", "--from", "2026-11-01")

    assert done.stdout == "day\tattempts\tspent\treserved\n2026-11-25\t11\t$4.20\t$0.40\n"
    assert "Budget of installation 2026-11-26: $5.40 of $10.00 left." in done.stderr
    (call,) = stub.calls_to("GET", "/api/admin/spend")
    assert call.query == {"by": "day", "from": "2026-11-01"}


def test_watching_needs_a_terminal(cli: Cli, stub: Stub) -> None:
    assert cli("lanes", "--watch").exit_code == 2
    assert cli("queue", "--watch", "--json").exit_code == 2
