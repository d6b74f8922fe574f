"""Looking after videos and the server from the command line."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import Result

from tests.integration.reelwork.stub_server import MODELS, Stub, problem

Cli = Callable[..., Result]
QUEUE = {
    "stats": {"waiting": 3, "active": 2, "completed": 9, "failed": 1, "delayed": 4, "total": 9},
    "recentFailures": [
        {"id": "f1", "data": {"jobId": "f1", "model": "veo-3.1", "prompt": "A fox"}, "failedReason": "Out of snow",
         "attemptsMade": 3, "timestamp": "2026-11-23T12:00:00Z"}
    ],
    "healthy": True, "needsReview": 0, "workers": 1, "oldestWaitingSeconds": 75.0,
}  # fmt: skip
HEALTH = {
    "healthy": False, "redis": "down", "postgres": "connected", "activeWorkers": False, "workers": [],
    "oldestWaitingSeconds": None, "timestamp": "2026-11-23T12:00:00Z", "error": "no worker lives",
}  # fmt: skip
EVENTS = {
    "jobId": "a",
    "events": [
        {"id": 1, "at": "2026-11-23T12:00:00Z", "type": "created", "state": "queued", "data": {"client": "default"}},
        {"id": 2, "at": "2026-11-23T12:00:03.5Z", "type": "submitted", "state": "generating", "attempt": 1},
    ],
}


def test_jobs_are_listed_one_a_line_in_a_pipe(cli: Cli, stub: Stub) -> None:
    cli("generate", "A fox\nin two lines", "--no-wait", "--job-id", "one")
    cli("generate", "An owl", "--no-wait", "--job-id", "two")

    lines = cli("jobs").stdout.splitlines()

    assert lines[0].split("\t") == ["job", "status", "model", "age", "scene", "prompt"]
    assert [line.split("\t")[0] for line in lines[1:]] == ["one", "two"]
    assert lines[1].endswith("A fox in two lines")


def test_jobs_go_on_where_the_page_ended(cli: Cli, stub: Stub) -> None:
    stub.fixed["GET", "/api/jobs"] = 200, {"jobs": [], "nextCursor": "c2"}

    done = cli("jobs", "--status", "failed", "-n", "5")

    assert done.stderr == "No videos.\nMore: reelwork jobs --status failed --limit 5 --after c2\n"
    assert stub.calls[0].query == {"status": "failed", "limit": "5"}


def test_show_tells_what_is_known_and_leaves_out_what_is_not(cli: Cli, stub: Stub) -> None:
    cli("generate", "A fox", "--no-wait", "--job-id", "one", "--storyboard", "tale", "--scene", "dawn")

    shown = cli("show", "one").stdout

    assert "status       completed\n" in shown
    assert "storyboard   tale / dawn\n" in shown
    assert "thumbnail" not in shown
    assert json.loads(cli("show", "one", "--json").stdout)["sceneId"] == "dawn"


def test_what_a_server_says_cannot_command_the_terminal(cli: Cli, stub: Stub) -> None:
    cli("generate", "\x1b]0;owned\x07A fox\u202e", "--no-wait", "--job-id", "one")

    shown = cli("show", "one").stdout + cli("jobs").stdout

    assert not {"\x1b", "\x07", "\u202e"} & set(shown)
    assert "A fox" in shown


def test_events_are_a_timeline(cli: Cli, stub: Stub) -> None:
    stub.fixed["GET", "/api/video/a/events"] = 200, EVENTS

    lines = cli("events", "a").stdout.splitlines()

    assert [line.split("\t")[1:] for line in lines[1:]] == [
        ["0.0s", "created", "state=queued client=default"],
        ["3.5s", "submitted", "state=generating attempt=1"],
    ]


@pytest.mark.parametrize(
    ("words", "answer", "said"),
    [
        (("cancel", "a"), (200, {"jobId": "a", "status": "cancelled"}), "a: cancelled\n"),
        (
            ("cancel", "a"),
            (202, {"jobId": "a", "status": "processing", "cancelRequested": True}),
            "a: will be cancelled as soon as it is known what became of its submission\n",
        ),
        (("rm", "a"), (200, {"jobId": "a", "status": "deleted"}), "a: deleted\n"),
        (("retry", "a"), (200, {"success": True, "message": "Job queued for retry"}), "a: Job queued for retry\n"),
    ],
)
def test_what_was_done_is_said(cli: Cli, stub: Stub, words: Any, answer: Any, said: str) -> None:
    routes = {
        "cancel": ("POST", "/api/video/a/cancel"),
        "rm": ("DELETE", "/api/video/a"),
        "retry": ("POST", "/api/admin/queue/retry/a"),
    }
    stub.fixed[routes[words[0]]] = answer

    assert cli(*words).stdout == said
    assert json.loads(cli(*words, "--json").stdout) == answer[1]


def test_of_several_videos_each_is_tried_and_the_worst_code_wins(cli: Cli, stub: Stub) -> None:
    paid = "The provider cannot stop it; --discard gives it up"
    stub.fixed["POST", "/api/video/a/cancel"] = problem(409, "already_paid", paid)
    stub.fixed["POST", "/api/video/c/cancel"] = 200, {"jobId": "c", "status": "cancelled"}

    done = cli("cancel", "a", "b", "c")

    assert (done.exit_code, done.stdout) == (3, "c: cancelled\n")
    assert f"a: {paid}\n" in done.stderr
    assert "b: There is no such thing\n" in done.stderr


def test_the_queue_is_shown_with_its_failures(cli: Cli, stub: Stub) -> None:
    stub.fixed["GET", "/api/admin/queue"] = 200, QUEUE

    done = cli("queue")

    assert "3\t2\t4\t9\t1\t0\n" in done.stdout
    assert "f1\tveo-3.1\t3\tOut of snow\n" in done.stdout
    assert "Healthy. Oldest waiting: 1m 15s." in done.stderr


def test_an_unhealthy_server_is_a_failure_for_scripts(cli: Cli, stub: Stub) -> None:
    stub.fixed["GET", "/api/health/worker"] = 503, HEALTH

    done = cli("health")
    as_json = cli("health", "--json")

    assert done.exit_code == as_json.exit_code == 1
    assert "not healthy: no worker lives\npostgres connected, redis down\n" in done.stdout
    assert json.loads(as_json.stdout) == HEALTH


def test_models_are_listed_with_price_and_reason(cli: Cli, stub: Stub) -> None:
    lines = cli("models").stdout.splitlines()

    assert [line.split("\t")[0] for line in lines[1:]] == ["gemini-omni-1.2-flash", "veo-3.1", "sora-2"]
    assert "720p 0.4, 4k 0.6" in lines[2]
    assert "retired on 2026-09-24" in lines[3]
    assert json.loads(cli("models", "--json").stdout) == {"models": MODELS}
    assert len(json.loads(cli("models", "--json", "--callable").stdout)["models"]) == 2


def test_cleanup_says_what_was_removed(cli: Cli, stub: Stub) -> None:
    stub.fixed["POST", "/api/admin/queue/cleanup"] = 200, {"success": True, "message": "Done", "completed": 4}

    assert cli("cleanup").stdout == "Done\ncompleted: 4\n"


@pytest.mark.parametrize(
    ("status", "code"), [(400, 2), (401, 4), (403, 4), (404, 3), (409, 1), (429, 1), (500, 1), (503, 5)]
)
def test_each_refusal_has_its_exit_code(cli: Cli, stub: Stub, status: int, code: int) -> None:
    stub.fixed["GET", "/api/jobs"] = problem(status, "some_code", "No.")

    done = cli("jobs")

    assert (done.exit_code, done.stdout) == (code, "")
    assert done.stderr.startswith("No.\n")


def test_a_server_that_is_not_there_has_its_own_code_and_a_remedy(cli: Cli, unused_url: str) -> None:
    done = cli("jobs", "--url", unused_url)

    assert done.exit_code == 5
    assert done.stderr == f"No server can be reached at {unused_url}. Is it running? `make run` starts one.\n"
