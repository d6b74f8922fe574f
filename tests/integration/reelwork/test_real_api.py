"""The client against the real API on real engines: every operation finds the shapes it expects. No worker runs."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
import uvicorn

from app.main import create_app, open_deps
from config.settings import load_settings
from reelwork import BadRequest, Conflict, NotFound, Reelwork, Unauthorized, VideoRequest
from reelwork.client.following import follow

ADMIN_KEY = "admin-key-of-the-tests-0123456789abcdef"
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def real_url(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[str]:
    """A served API with one account of each kind, none of which is ever called."""
    settings = load_settings(
        {
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "ENCRYPTION_KEY": "11" * 32,
            "ADMIN_KEY": ADMIN_KEY,
            "STORAGE_URL": f"file://{tmp_path}/videos",
            "OPENAI_API_KEY": "sk-server-key-0123456789",
            "OPENAI_BASE_URL": f"{NOWHERE}/v1",
            "GEMINI_API_KEY": "AIzaServerKey0123456789",
            "GEMINI_BASE_URL": NOWHERE,
        },
        role="web",
    )
    config = uvicorn.Config(
        create_app(partial(open_deps, settings), settings.cors_origins), host="127.0.0.1", port=0, log_config=None
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port_of(server)}"
    finally:
        server.should_exit = True
        thread.join()


def port_of(server: uvicorn.Server) -> int:
    """Waits until the server listens."""
    deadline = time.monotonic() + 30
    while not (server.started and server.servers):
        assert time.monotonic() < deadline, "the API did not start"
        time.sleep(0.02)
    port: int = server.servers[0].sockets[0].getsockname()[1]
    return port


@pytest.fixture
def reelwork(real_url: str) -> Iterator[Reelwork]:
    with Reelwork(real_url, ADMIN_KEY) as client:
        yield client


def test_a_video_is_asked_for_seen_and_ended(reelwork: Reelwork) -> None:
    start = datetime.now(UTC) + timedelta(hours=1)
    accepted = reelwork.generate("A fox", provider="sora", model="sora-2", seconds=4, run_at=start, priority=1)
    video = reelwork.get(accepted.job_id)

    assert (accepted.status, accepted.provider, accepted.cost_estimate_usd) == ("queued", "sora", 0.4)
    assert (video.prompt, video.stage, video.attempts_made, video.model) == ("A fox", "queued", 0, "sora-2")
    assert video.created_at is not None
    assert video.created_at.tzinfo is not None
    assert [event.type for event in reelwork.events(accepted.job_id).events] == ["created"]
    assert reelwork.prioritise(accepted.job_id, 0).wire()["priority"] == 0
    assert reelwork.cancel(accepted.job_id).status == "cancelled"
    assert reelwork.wait(accepted.job_id).status == "cancelled"
    with pytest.raises(Conflict) as raised:
        reelwork.cancel(accepted.job_id)
    assert raised.value.code == "already_ended"
    assert reelwork.delete(accepted.job_id).status == "deleted"
    with pytest.raises(NotFound):
        reelwork.get(accepted.job_id)


def test_the_same_request_with_the_same_id_is_one_video_and_another_is_refused(reelwork: Reelwork) -> None:
    job_id = str(uuid4())
    request = VideoRequest(scene="A fox", provider="sora", model="sora-2", job_id=job_id)

    assert reelwork.submit(request) == reelwork.submit(request)
    assert [video.job_id for video in reelwork.jobs().jobs] == [job_id]
    with pytest.raises(Conflict):
        reelwork.submit(request.model_copy(update={"scene": "An owl"}))


def test_without_a_provider_the_servers_own_catalogue_decides(reelwork: Reelwork) -> None:
    catalogue = reelwork.models().models
    cheapest = min((model for model in catalogue if model.callable), key=lambda model: model.lowest_price or 0)

    accepted = reelwork.generate("A fox")

    assert reelwork.generate("A fox", model="omni").provider == "omni"
    assert (accepted.provider, accepted.model) == (cheapest.provider, cheapest.model)
    assert {model.provider for model in catalogue if model.callable} == {"sora", "omni"}


def test_a_storyboard_is_accepted_whole_and_read_back(reelwork: Reelwork) -> None:
    scenes = [{"scene_id": name, "scene": {"description": f"Scene {name}"}} for name in "ab"]

    accepted = reelwork.generate_storyboard("tale", scenes, defaults={"provider": "sora", "preset_key": "cinematic"})
    board = reelwork.storyboard("tale")

    assert [video.job_id for video in board.jobs] == [job.job_id for job in accepted.jobs]
    assert [video.scene_id for video in board.jobs] == ["a", "b"]
    assert (board.counts["queued"], board.counts["total"]) == (2, 2)
    assert len(reelwork.jobs(storyboard_id="tale", limit=1).jobs) == 1


def test_every_flaw_is_named_at_once(reelwork: Reelwork) -> None:
    scenes = [{"scene": "A", "seconds": -1}, {"scene": "B", "fps": 0}]

    with pytest.raises(BadRequest) as raised:
        reelwork.generate_storyboard("tale", scenes, defaults={"provider": "sora"})

    assert [flaw.path for flaw in raised.value.errors] == ["scenes.0.seconds", "scenes.1.fps"]


def test_operators_read_and_steer(reelwork: Reelwork) -> None:
    accepted = reelwork.generate("A fox", provider="sora", model="sora-2")
    (lane,) = reelwork.lanes().lanes
    changed = reelwork.set_lane(lane.id, rate_per_minute=7, paused=True)
    paused = reelwork.pause("invoice is open")

    assert (changed.rate_per_minute, changed.paused, changed.queued) == (7, True, 1)
    assert paused.wire()["reason"] == "invoice is open"
    assert reelwork.lanes().paused
    assert reelwork.resume().wire()["paused"] is False
    assert reelwork.queue().stats.waiting == 1
    assert reelwork.failed(limit=5).failures == []
    assert reelwork.review().jobs == []
    assert "kept" in (reelwork.cleanup().message or "")
    with pytest.raises(Conflict):
        reelwork.resolve(accepted.job_id, "fail", note="no")
    with pytest.raises(NotFound):
        reelwork.retry(accepted.job_id)


def test_a_server_without_a_worker_says_so(reelwork: Reelwork) -> None:
    health = reelwork.health()

    assert (health.healthy, health.postgres, health.redis, health.workers) == (False, "connected", "connected", [])
    assert health.error


def test_a_wrong_key_is_refused(real_url: str) -> None:
    with Reelwork(real_url, "wrong") as client, pytest.raises(Unauthorized):
        client.jobs()


def test_a_video_that_is_not_ready_is_no_file(reelwork: Reelwork, tmp_path: Path) -> None:
    accepted = reelwork.generate("A fox", provider="sora")

    with pytest.raises(Conflict) as raised:
        reelwork.download(accepted.job_id, tmp_path / "fox.mp4")

    assert raised.value.code == "not_ready"
    assert not list(tmp_path.glob("*fox*"))


def test_a_timeline_is_followed_until_its_video_has_ended(reelwork: Reelwork, real_url: str) -> None:
    start = datetime.now(UTC) + timedelta(hours=1)
    job_id = reelwork.generate("A fox", provider="sora", model="sora-2", seconds=4, run_at=start).job_id
    lines = follow(reelwork, job_id, 0)
    first = next(lines)

    with Reelwork(real_url, ADMIN_KEY) as another:
        another.cancel(job_id)

    assert [first.type, *(line.type for line in lines)] == ["created", "cancelled"]
    assert list(follow(reelwork, job_id, first.id)) != []
    with pytest.raises(NotFound):
        next(follow(reelwork, str(uuid4()), None))


def test_operators_see_alerts_and_spend(reelwork: Reelwork) -> None:
    reelwork.generate("A fox", provider="sora", model="sora-2", seconds=4)

    assert reelwork.alerts().receivers == 0
    assert [group.reserved_usd for group in reelwork.spend(by="model").groups] == [0.4]
    with pytest.raises(Conflict):
        reelwork.test_alerts()
