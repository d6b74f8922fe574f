"""The three lines of the Procfile are the whole product: release migrates, web accepts, the worker makes the video."""

import signal
from pathlib import Path
from typing import Any

import httpx
import pytest

from config.checks import NEEDED_BY
from config.log_lines import LEADING_FIELDS

SHUTDOWN_GRACE_S = 25


@pytest.fixture
def api(platform: Any) -> Any:
    """The web process's address, with the admin key."""
    headers = {"Authorization": f"Bearer {platform.environ['ADMIN_KEY']}"}
    with httpx.Client(base_url=f"http://127.0.0.1:{platform.environ['PORT']}", headers=headers, timeout=10) as client:
        yield client


def answers(api: httpx.Client, path: str) -> bool:
    try:
        return api.get(path).status_code == 200
    except httpx.TransportError:
        return False


def test_release_web_and_worker_make_a_video_and_leave(
    platform: Any, procfile: dict[str, str], api: httpx.Client, tmp_path: Path
) -> None:
    assert platform.run(procfile["release"]).process.returncode == 0
    web, worker = platform.start(procfile["web"]), platform.start(procfile["worker"])
    platform.until(lambda: answers(api, "/readyz"))
    platform.until(lambda: answers(api, "/api/health/worker"))

    body = {"storyboardId": "board", "provider": "sora", "model": "sora-2", "scene": "a lighthouse in a storm"}
    accepted = api.post("/api/video/generate", json=body)
    assert accepted.status_code == 202, accepted.text
    shown = platform.until(lambda: done(api, accepted.json()["jobId"]))

    assert shown["status"] == "completed", shown
    assert [path.name for path in (tmp_path / "videos").rglob("*.mp4")] == ["video.mp4"]
    assert platform.run("python -m worker.health").process.returncode == 0
    # uvicorn leaves in order and then raises the signal once more, for whoever looks at how it ended.
    assert web.stop(SHUTDOWN_GRACE_S) in (0, -signal.SIGTERM)
    assert worker.stop(SHUTDOWN_GRACE_S) == 0


def test_logs_are_json_lines_on_stdout_without_a_secret(
    platform: Any, procfile: dict[str, str], api: httpx.Client
) -> None:
    platform.run(procfile["release"])
    web, worker = platform.start(procfile["web"]), platform.start(procfile["worker"])
    platform.until(lambda: answers(api, "/api/health/worker"))
    body = {"storyboardId": "board", "provider": "sora", "model": "sora-2", "scene": "a lighthouse in a storm"}
    job = api.post("/api/video/generate", json=body).json()["jobId"]
    platform.until(lambda: done(api, job))
    for one in (web, worker):
        one.stop(SHUTDOWN_GRACE_S)

    for one in (web, worker):
        assert one.errors.read_text() == ""
        assert all({"timestamp", "level", "message", *LEADING_FIELDS} <= set(line) for line in one.lines())
    assert any(line["job_id"] == job for line in worker.lines())
    assert len([line for line in web.lines() if "/api/video/generate" in str(line)]) == 1
    secrets = ("ENCRYPTION_KEY", "ADMIN_KEY", "OPENAI_API_KEY", "DATABASE_URL")
    assert [name for name in secrets if platform.environ[name] in platform.said()] == []
    assert "lighthouse" not in platform.said()


def test_two_release_steps_at_once_both_succeed(platform: Any, procfile: dict[str, str]) -> None:
    first, second = platform.start(procfile["release"]), platform.start(procfile["release"])

    assert (first.process.wait(60), second.process.wait(60)) == (0, 0)
    assert platform.run(procfile["release"]).process.returncode == 0


@pytest.mark.parametrize("role", ["release", "web", "worker"])
def test_a_process_without_settings_names_all_that_are_missing(
    bare_platform: Any, procfile: dict[str, str], role: Any
) -> None:
    ended = bare_platform.run(procfile[role])

    printed = ended.errors.read_text()
    assert ended.process.returncode == 1
    assert [name for name in NEEDED_BY[role] if f"  {name} is not set." not in printed] == []
    assert "Traceback" not in printed


@pytest.mark.parametrize("role", ["web", "worker"])
def test_a_folder_is_refused_on_heroku(platform: Any, procfile: dict[str, str], role: str) -> None:
    platform.environ["DYNO"] = f"{role}.1"

    ended = platform.run(procfile[role])

    assert ended.process.returncode == 1
    assert "STORAGE_URL is a folder, but on Heroku" in ended.errors.read_text()


def test_the_start_script_becomes_the_worker(platform: Any, procfile: dict[str, str]) -> None:
    platform.run(procfile["release"])
    worker = platform.start("scripts/start-worker.sh")

    platform.until(lambda: any(line["message"] == "worker started" for line in worker.lines()))

    command = Path(f"/proc/{worker.process.pid}/cmdline")
    assert not command.exists() or b"worker.WorkerSettings" in command.read_bytes()
    assert worker.stop(SHUTDOWN_GRACE_S) == 0


def done(api: httpx.Client, job_id: str) -> Any:
    """The job once it has ended, else None."""
    shown = api.get(f"/api/video/{job_id}").json()
    return shown if shown["status"] not in ("queued", "processing") else None
