"""The API's commands as processes: served over a socket, stopped by a signal, refused with one message."""

import asyncio
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from db.connection import Pool
from tests.integration.app.conftest import ADMIN_KEY, Start, served
from tests.stack.waiting import until


async def ended(process: "subprocess.Popen[bytes]") -> int:
    return await asyncio.to_thread(process.wait, 90)


@pytest.mark.parametrize("processes", ["1", "2"])
async def test_it_serves_over_a_socket_and_leaves_on_sigterm(start: Start, port: int, processes: str) -> None:
    process = start("app", WEB_CONCURRENCY=processes)
    await until(lambda: served(port), 90)

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        response = await client.post(
            "/api/video/generate",
            json={"storyboardId": "s", "provider": "sora", "scene": "x"},
            headers={"Authorization": f"Bearer {ADMIN_KEY}"},
        )
        shown = await client.get(response.json()["statusUrl"], headers={"Authorization": f"Bearer {ADMIN_KEY}"})
    process.send_signal(signal.SIGTERM)

    assert response.status_code == 202
    assert shown.json()["status"] == "queued"
    assert await ended(process) in (0, -signal.SIGTERM)


async def test_an_open_event_stream_does_not_keep_it_from_leaving(start: Start, port: int) -> None:
    process = start("app")
    await until(lambda: served(port), 90)
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}

    async with (
        httpx.AsyncClient(timeout=90) as client,
        client.stream("GET", f"http://127.0.0.1:{port}/api/events", headers=headers) as response,
    ):
        process.send_signal(signal.SIGTERM)
        with suppress(httpx.RemoteProtocolError):
            assert [line async for line in response.aiter_lines() if line.startswith("data")] == []

    assert response.status_code == 200
    assert await ended(process) in (0, -signal.SIGTERM)


async def test_its_log_names_requests_and_no_key_or_signature(start: Start, port: int, tmp_path: Path) -> None:
    process = start("app", LOG_LEVEL="debug")
    await until(lambda: served(port), 90)

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        await client.get("/api/jobs", headers={"Authorization": f"Bearer {ADMIN_KEY}"})
        await client.get("/files/x/1/video.mp4?exp=9999999999&sig=signature-canary")
        await client.get("/api/end-users/person-canary/export")
        await client.post(
            "/api/video/generate",
            json={"storyboardId": "s", "provider": "sora", "scene": "scene-canary", "apiKey": "body-canary"},
            headers={"Authorization": "Bearer wrong-canary", "X-Provider-Key": "sk-header-canary"},
        )
    process.send_signal(signal.SIGTERM)
    await ended(process)

    log = (tmp_path / "output.log").read_text()
    assert '"path": "/api/jobs"' in log
    assert "canary" not in log
    assert ADMIN_KEY not in log


async def test_a_wrong_setting_is_one_message_and_exit_1(start: Start, tmp_path: Path) -> None:
    process = start("app", ADMIN_KEY="short", ENCRYPTION_KEY="", WEB_CONCURRENCY="2")

    assert await ended(process) == 1
    message = (tmp_path / "output.log").read_text()
    assert "ADMIN_KEY" in message
    assert "ENCRYPTION_KEY" in message
    assert "Traceback" not in message


async def test_the_doctor_tells_what_is_well_and_what_is_not(start: Start, tmp_path: Path) -> None:
    well = start("app.doctor", GOOGLE_CREDENTIALS_JSON="ya29.server-token-0123456789")
    assert await ended(well) == 0
    text = (tmp_path / "output.log").read_text()

    ill = start("app.doctor", REDIS_URL="redis://127.0.0.1:9", BUDGET_USD_PER_DAY="5")
    assert await ended(ill) == 1
    worse = (tmp_path / "output.log").read_text()

    for line in (
        "ok       postgres",
        "ok       redis",
        "ok       storage",
        "warning  key sora",
        "warning  budget",
        "warning  models veo-3.1",
    ):
        assert line in text
    assert "FAILED   redis" in worse
    assert "ok       budget: 5.00 USD a day" in worse
    assert "sk-server-key" not in text + worse


async def test_new_encryption_keys_are_32_random_bytes_and_need_no_setting(start: Start, tmp_path: Path) -> None:
    found = set()
    for _ in range(2):
        process = start("app.keys", "new-encryption-key", DATABASE_URL="", ENCRYPTION_KEY="")
        assert await ended(process) == 0
        found.add(bytes.fromhex((tmp_path / "output.log").read_text().strip()))

    assert {len(key) for key in found} == {32}
    assert len(found) == 2


async def test_a_key_made_on_the_server_opens_what_its_scopes_allow(
    start: Start, port: int, tmp_path: Path, pool: Pool
) -> None:
    made = start("app.keys", "create", "--name", "ci", "--scope", "read", "--client", "studio")
    assert await ended(made) == 0
    key = (tmp_path / "output.log").read_text().strip()
    start("app")
    await until(lambda: served(port), 90)

    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {key}"}) as it:
        reads = await it.get("/api/jobs")
        creates = await it.post("/api/video/generate", json={})

    assert (reads.status_code, creates.status_code) == (200, 403)
    assert await pool.fetchval("SELECT name FROM reelwork.clients WHERE name <> 'default'") == "studio"
