"""Making videos from the command line: what is asked, what is shown where, which code it ends with."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from tests.integration.reelwork.stub_server import CONTENT, Stub, problem

Cli = Callable[..., Result]
STEPS = [
    {"status": "queued"},
    {"status": "processing", "stage": "generating", "progress": 40},
    {"status": "completed"},
]


def test_a_prompt_becomes_a_file(cli: Cli, stub: Stub, tmp_path: Path) -> None:
    stub.looks = STEPS

    done = cli("generate", "A fox in the snow", "-m", "veo-3.1", "-s", "4", "--aspect", "16:9", "-o", "fox.mp4")

    assert (done.exit_code, done.stdout) == (0, "fox.mp4\n")
    assert (tmp_path / "fox.mp4").read_bytes() == CONTENT
    assert "generated, 40 %" in done.stderr
    assert "Completed in 4.2s, $0.40." in done.stderr
    (call,) = stub.calls_to("POST", "/api/video/generate")
    assert call.body | {"jobId": ""} == {
        "storyboardId": "unsorted",
        "jobId": "",
        "scene": "A fox in the snow",
        "prompt": "A fox in the snow",
        "provider": "veo",
        "model": "veo-3.1",
        "seconds": 4.0,
        "aspectRatio": "16:9",
    }


def test_without_a_file_stdout_is_the_videos_address(cli: Cli, stub: Stub) -> None:
    done = cli("generate", "A fox", "--job-id", "my-own-id")

    assert done.stdout == f"{stub.url}/files/my-own-id.mp4\n"


def test_json_is_all_that_stdout_holds(cli: Cli, stub: Stub) -> None:
    stub.looks = STEPS

    done = cli("generate", "A fox", "--json", "-o", "fox.mp4")

    video = json.loads(done.stdout)
    assert (video["status"], video["elapsedTime"], video["savedTo"]) == ("completed", 4.2, "fox.mp4")
    assert done.stderr == ""


def test_no_wait_leaves_at_once_with_the_id(cli: Cli, stub: Stub) -> None:
    done = cli("generate", "A fox", "--no-wait", "--job-id", "my-own-id")

    assert (done.exit_code, done.stdout) == (0, "my-own-id\n")
    assert not stub.calls_to("GET", "/api/video/my-own-id")


def test_images_travel_inside_the_request(cli: Cli, stub: Stub, tmp_path: Path) -> None:
    (tmp_path / "fox.png").write_bytes(b"\x89PNG")

    cli("generate", "A fox", "-i", "fox.png", "--reference", "https://host.example/den.jpg")

    (call,) = stub.calls_to("POST", "/api/video/generate")
    assert call.body["inputs"] == [
        {"role": "first_frame", "url": "data:image/png;base64,iVBORw=="},
        {"role": "reference", "url": "https://host.example/den.jpg"},
    ]


@pytest.mark.parametrize(
    ("end", "code", "said"),
    [
        ({"status": "failed", "errorCode": "moderated", "errorMessage": "Not this one"}, 1, "Not this one (moderated)"),
        ({"status": "cancelled"}, 1, "cancelled"),
        ({"status": "needs_review"}, 6, "a person decides"),
    ],
)
def test_another_end_is_told_with_its_own_code(cli: Cli, stub: Stub, end: dict[str, str], code: int, said: str) -> None:
    stub.looks = [end]

    done = cli("generate", "A fox", "-o", "fox.mp4")

    assert (done.exit_code, done.stdout) == (code, "")
    assert said in done.stderr


def test_a_timeout_leaves_the_video_alone(cli: Cli, stub: Stub) -> None:
    stub.looks = STEPS[:2]

    done = cli("generate", "A fox", "--timeout", "0.05")

    assert done.exit_code == 7
    assert "goes on on the server" in done.stderr
    assert not [call for call in stub.calls if "cancel" in call.path]


@pytest.mark.parametrize(
    "words",
    [
        ("generate", "A fox", "-o", "there.mp4"),
        ("generate", "A fox", "-o", "nowhere/fox.mp4"),
        ("generate", "A fox", "-o", "fox.mp4", "--no-wait"),
        ("generate", "A fox", "-i", "there.mp4"),
        ("generate", "A fox", "-i", "missing.png"),
        ("generate", "A fox", "--priority", "9"),
        ("storyboard", "missing.json"),
        ("storyboard", "there.mp4"),
        ("watch",),
        ("watch", "a", "--storyboard", "b"),
    ],
)
def test_what_cannot_work_is_refused_before_anything_is_asked(
    cli: Cli, stub: Stub, tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "there.mp4").write_text("there")

    assert cli(*words).exit_code == 2
    assert stub.calls == []


def test_each_field_that_the_server_refuses_is_shown(cli: Cli, stub: Stub) -> None:
    flaws = [{"path": "seconds", "message": "must be 4 or 8"}, {"path": "size", "message": "is unknown"}]
    said = problem(400, "invalid_request", "2 things in the request are not valid", errors=flaws)
    stub.fixed["POST", "/api/video/generate"] = said

    done = cli("generate", "A fox", "-p", "sora")
    as_json = cli("generate", "A fox", "-p", "sora", "--json")

    assert done.exit_code == as_json.exit_code == 2
    assert "  seconds: must be 4 or 8\n  size: is unknown\n" in done.stderr
    assert json.loads(as_json.stderr)["errors"] == flaws
    assert as_json.stdout == ""


def test_a_storyboard_becomes_a_folder(cli: Cli, stub: Stub, tmp_path: Path) -> None:
    stub.looks = STEPS
    scenes = [{"sceneId": "dawn", "scene": "A fox"}, {"sceneId": "../dusk", "scene": "An owl"}, "A bear"]
    board = {"storyboardId": "tale", "defaults": {"provider": "omni"}, "scenes": scenes}
    (tmp_path / "tale.json").write_text(json.dumps(board))

    done = cli("storyboard", "tale.json", "-o", "films", "--json")

    assert done.exit_code == 0, done.stderr
    jobs = json.loads(done.stdout)["jobs"]
    assert [job["savedTo"] for job in jobs[:2]] == ["films/dawn.mp4", "films/dusk.mp4"]
    assert sorted(path.name for path in (tmp_path / "films").iterdir()) == sorted(
        ["dawn.mp4", "dusk.mp4", f"{jobs[2]['jobId']}.mp4"]
    )


def test_a_storyboard_may_come_through_a_pipe_and_be_made_elsewhere(cli: Cli, stub: Stub) -> None:
    done = cli("storyboard", "-", "--id", "tale", "-p", "veo", "--no-wait", input='["A fox", "An owl"]')

    assert done.exit_code == 0, done.stderr
    assert done.stdout.split() == list(stub.videos)
    (call,) = stub.calls_to("POST", "/api/storyboards/tale/generate")
    assert call.body["defaults"] == {"provider": "veo"}
    assert [scene["scene"] for scene in call.body["scenes"]] == ["A fox", "An owl"]


def test_one_failed_scene_fails_the_storyboard_and_keeps_the_others(cli: Cli, stub: Stub, tmp_path: Path) -> None:
    cli("storyboard", "-", "--id", "tale", "-p", "veo", "--no-wait", input='["A fox", "An owl"]')
    failing = list(stub.videos.values())[0]
    failing["looks"].clear()
    failing.update(status="failed", errorMessage="Out of snow")

    done = cli("watch", "--storyboard", "tale", "-o", "films")

    assert done.exit_code == 1
    assert "Out of snow" in done.stdout
    assert len(list((tmp_path / "films").iterdir())) == 1
