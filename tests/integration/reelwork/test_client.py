"""Both clients over a real socket: what they ask, what they make of the answers, what they survive."""

from pathlib import Path
from typing import Any

import pytest

from reelwork import NotFound, OverBudget, Reelwork, ReelworkError, ServerUnavailable, Unauthorized
from tests.integration.reelwork.conftest import Ask
from tests.integration.reelwork.stub_server import CONTENT, KEY, Stub, problem

GENERATING = [{"status": "processing", "stage": "generating", "progress": figure} for figure in (None, 40)]


def test_a_video_is_asked_for_awaited_and_fetched(ask: Ask, stub: Stub, tmp_path: Path) -> None:
    stub.looks = [*GENERATING, {"status": "completed"}]
    seen: list[str] = []

    accepted = ask("generate", "A fox", provider="omni", seconds=4)
    video = ask("wait", accepted.job_id, on_change=lambda video: seen.append(video.status))
    saved = ask("download", accepted.job_id, tmp_path / "fox.mp4")

    assert (video.status, video.elapsed_time) == ("completed", 4.2)
    assert seen == ["processing", "processing", "completed"]
    assert saved.read_bytes() == CONTENT
    assert [file.name for file in tmp_path.iterdir()] == ["fox.mp4"]


def test_a_create_whose_answer_was_lost_makes_one_video(ask: Ask, stub: Stub) -> None:
    stub.lost.extend([("POST", "/api/video/generate")] * 2)

    accepted = ask("generate", "A fox", provider="omni")

    assert list(stub.videos) == [accepted.job_id]
    assert len(stub.calls_to("POST", "/api/video/generate")) == 3


def test_without_a_provider_the_catalogue_decides(ask: Ask, stub: Stub) -> None:
    ask("generate", "A fox")
    ask("generate", "A fox", model="veo-3.1")

    first, second = stub.calls_to("POST", "/api/video/generate")
    assert (first.body["provider"], first.body["model"]) == ("omni", "gemini-omni-1.2-flash")
    assert (second.body["provider"], second.body["model"]) == ("veo", "veo-3.1")


def test_a_storyboard_is_asked_for_and_awaited_as_one(ask: Ask, stub: Stub) -> None:
    stub.looks = [*GENERATING, {"status": "completed"}]
    scenes = [{"scene_id": name, "scene": f"Scene {name}"} for name in "abc"]

    accepted = ask("generate_storyboard", "tale", scenes, defaults={"provider": "omni"})
    videos = ask("wait_storyboard", "tale")

    assert len(accepted.jobs) == len(stub.videos) == 3
    assert [(video.scene_id, video.status) for video in videos] == [(name, "completed") for name in "abc"]
    assert not [call for call in stub.calls if call.path.startswith("/api/video/")]


def test_a_cut_download_goes_on_where_it_stopped(ask: Ask, stub: Stub, tmp_path: Path) -> None:
    stub.cut_after.extend([100_000, 0, 300_000])
    counted: list[tuple[int, int | None]] = []

    ask("download", "any", tmp_path / "fox.mp4", on_bytes=lambda done, total: counted.append((done, total)))

    assert (tmp_path / "fox.mp4").read_bytes() == CONTENT
    ranges = [call.headers.get("range") for call in stub.calls]
    assert ranges == [None, "bytes=100000-", "bytes=100000-", "bytes=400000-"]
    assert counted[-1] == (len(CONTENT), len(CONTENT))


def test_a_download_that_fails_leaves_the_old_file_and_nothing_else(ask: Ask, stub: Stub, tmp_path: Path) -> None:
    (tmp_path / "fox.mp4").write_text("old")
    stub.fixed["GET", "/api/video/gone/content"] = problem(404, "not_found", "There is no video with this id")

    with pytest.raises(NotFound):
        ask("download", "gone", tmp_path / "fox.mp4")

    assert [file.name for file in tmp_path.iterdir()] == ["fox.mp4"]
    assert (tmp_path / "fox.mp4").read_text() == "old"


def test_a_download_into_a_folder_is_named_by_its_job(ask: Ask, stub: Stub, tmp_path: Path) -> None:
    assert ask("download", "some-job", tmp_path) == tmp_path / "some-job.mp4"


def test_refusals_carry_what_the_server_said(ask: Ask, stub: Stub) -> None:
    said = problem(402, "over_budget", "0.20 of 5.00 USD are left today", leftUsd=0.2)
    stub.fixed["POST", "/api/video/generate"] = said

    with pytest.raises(OverBudget, match=r"0\.20 of 5\.00") as raised:
        ask("generate", "A fox", provider="omni")

    assert (raised.value.status, raised.value.code) == (402, "over_budget")


@pytest.mark.parametrize(
    ("call", "sent"),
    [
        (("cancel", "a", {"discard": True}), ("POST", "/api/video/a/cancel", {"discard": "true"}, None)),
        (("delete", "a", {}), ("DELETE", "/api/video/a", {}, None)),
        (("prioritise", "a", 0, {}), ("PATCH", "/api/video/a", {}, {"priority": 0})),
        (("retry", "a", {}), ("POST", "/api/admin/queue/retry/a", {}, None)),
        (("failed", {"limit": 5}), ("GET", "/api/admin/queue/failed", {"limit": "5"}, None)),
        (("cleanup", {}), ("POST", "/api/admin/queue/cleanup", {}, None)),
        (("pause", "invoice", {}), ("POST", "/api/admin/pause", {}, {"reason": "invoice"})),
        (("resume", {}), ("POST", "/api/admin/resume", {}, None)),
        (("review", {}), ("GET", "/api/admin/review", {}, None)),
        (("events", "a", {}), ("GET", "/api/video/a/events", {}, None)),
        (("lanes", {}), ("GET", "/api/admin/lanes", {}, None)),
        (
            ("set_lane", "l", {"rate_per_minute": 5, "paused": True}),
            ("PATCH", "/api/admin/lanes/l", {}, {"ratePerMinute": 5, "paused": True}),
        ),
        (
            ("resolve", "a", "adopt", {"provider_job_id": "video_1"}),
            ("POST", "/api/admin/jobs/a/resolve", {}, {"action": "adopt", "providerJobId": "video_1"}),
        ),
        (
            ("jobs", {"status": "failed", "storyboard_id": "tale", "limit": 3, "after": "c"}),
            ("GET", "/api/jobs", {"status": "failed", "storyboardId": "tale", "limit": "3", "after": "c"}, None),
        ),
    ],
)
def test_each_operation_sends_its_request(client: Reelwork, stub: Stub, call: tuple[Any, ...], sent: Any) -> None:
    name, *given, named = call
    method, path, query, body = sent
    stub.fixed[method, path] = 418, {}

    with pytest.raises(ReelworkError):
        getattr(client, name)(*given, **named)

    (seen,) = stub.calls
    assert (seen.method, seen.path, seen.query, seen.body) == (method, path, query, body)
    assert seen.headers["authorization"] == f"Bearer {KEY}"


def test_an_id_cannot_leave_its_place_in_the_path(client: Reelwork, stub: Stub) -> None:
    with pytest.raises(NotFound):
        client.get("../admin/queue?x=1")

    with pytest.raises(ReelworkError, match="is not an id"):
        client.get("..")

    assert [call.path for call in stub.calls] == ["/api/video/..%2Fadmin%2Fqueue%3Fx%3D1"]


def test_a_wrong_key_is_told_apart_and_not_repeated(stub: Stub) -> None:
    with Reelwork(stub.url, "wrong-key") as client, pytest.raises(Unauthorized) as raised:
        client.queue()

    assert "wrong-key" not in str(raised.value)


def test_where_nothing_listens_the_sentence_names_the_address_and_a_remedy(stub: Stub, unused_url: str) -> None:
    with Reelwork(unused_url, KEY) as client, pytest.raises(ServerUnavailable, match="make run") as raised:
        client.health()

    assert unused_url in str(raised.value)
    assert not raised.value.answer_lost


def test_a_proxy_of_the_environment_is_not_asked_for_a_local_server(
    stub: Stub, unused_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", unused_url)
    monkeypatch.delenv("NO_PROXY", raising=False)

    with Reelwork(stub.url, KEY) as client:
        assert client.models().models
