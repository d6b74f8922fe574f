"""The API over a real Postgres and a real Valkey, called in-process; no provider is ever called here."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from app.main import create_app, open_deps
from app.outbound.fetch import Fetcher
from app.outbound.pinning import Pinner
from config.settings import Settings, load_settings
from db.connection import Database, Pool, open_pool
from reelwork.testing import running_simulator
from tests.stack.installation import Installation

ADMIN_KEY = "admin-key-of-the-tests-0123456789abcdef"
ENCRYPTION_KEY = "11" * 32
ROOT = Path(__file__).parents[3]
Start = Callable[..., "subprocess.Popen[bytes]"]


@dataclass
class Api:
    """A running API: `client` carries the admin key, `stranger` none."""

    app: Starlette
    settings: Settings
    client: httpx.AsyncClient
    stranger: httpx.AsyncClient
    headers: dict[str, str] = field(default_factory=dict)

    async def generate(self, expect: int = 202, headers: dict[str, str] | None = None, **members: Any) -> Any:
        """Ask for a video and return the answer's JSON; members are camelCase as on the wire."""
        body = {"storyboardId": "story", "provider": "sora", "scene": "a harbour at dawn"} | members
        response = await self.client.post("/api/video/generate", json=body, headers=headers or {})
        assert response.status_code == expect, response.text
        return response.json()

    async def job(self, job_id: str) -> Any:
        response = await self.client.get(f"/api/video/{job_id}")
        assert response.status_code == 200, response.text
        return response.json()

    async def store(self, job_id: str, data: bytes, name: str = "video.mp4") -> str:
        """Put a file of this job into storage; returns its key."""
        key = f"{job_id}/1/{name}"
        path = Path(urlsplit(self.settings.storage_url).path).parent / f"{job_id}-{name}"
        path.write_bytes(data)
        content_type = "video/mp4" if name.endswith("mp4") else "image/webp"
        await self.app.state.deps.storage.put_file(key, path, content_type, sha256(data).hexdigest())
        return key


OpenApi = Callable[..., AbstractAsyncContextManager[Api]]


@pytest.fixture
def environ(database_url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    """A web process's environment: one account of each kind, none of which is ever called."""
    return {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "ENCRYPTION_KEY": ENCRYPTION_KEY,
        "ADMIN_KEY": ADMIN_KEY,
        "STORAGE_URL": f"file://{tmp_path}/videos",
        "OPENAI_API_KEY": "sk-server-key-0123456789",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "GEMINI_API_KEY": "AIzaServerKey0123456789",
        "GEMINI_BASE_URL": "http://127.0.0.1:9",
        "VERTEX_BASE_URL": "http://127.0.0.1:9",
        "GOOGLE_CLOUD_PROJECT_ID": "film-1",
    }


@pytest.fixture
def open_api(environ: dict[str, str]) -> OpenApi:
    """Opens an API with other settings: `async with open_api(BUDGET_USD_PER_DAY="1") as api`."""

    @asynccontextmanager
    async def opened(**changes: str | None) -> AsyncIterator[Api]:
        chosen = {name: value for name, value in (environ | changes).items() if value is not None}
        settings = load_settings(chosen, role="web")
        app = create_app(partial(open_deps, settings), settings.cors_origins)
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app=app)
            key = {"Authorization": f"Bearer {ADMIN_KEY}"}
            async with (
                httpx.AsyncClient(transport=transport, base_url="http://api.test", headers=key) as client,
                httpx.AsyncClient(transport=transport, base_url="http://api.test") as stranger,
            ):
                yield Api(app, settings, client, stranger)

    return opened


Serve = Callable[[Api], AbstractAsyncContextManager[str]]


@pytest.fixture
def serve() -> Serve:
    """Serves an API on a port of its own: `async with serve(api) as address`."""

    @asynccontextmanager
    async def serving(api: Api) -> AsyncIterator[str]:
        server = uvicorn.Server(uvicorn.Config(api.app, port=0, lifespan="off", log_config=None))
        running = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        server.should_exit = True
        await running

    return serving


@pytest.fixture
def no_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name is known to an API that is opened in this test: it calls nobody outside this machine."""

    async def nowhere(host: str, port: int) -> list[str]:
        return []

    monkeypatch.setattr("app.main.Pinner", partial(Pinner, resolve=nowhere))
    monkeypatch.setattr("app.main.Fetcher", partial(Fetcher, resolve=nowhere))


@pytest.fixture
async def api(open_api: OpenApi) -> AsyncIterator[Api]:
    async with open_api() as opened:
        yield opened


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """The test's own way into the database."""
    async with open_pool(Database(database_url), 3) as opened:
        yield opened


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def start(environ: dict[str, str], port: int, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts `python -m …` in this installation's environment, its output in output.log."""
    processes: list[subprocess.Popen[bytes]] = []

    def started(*arguments: str, **changes: str) -> "subprocess.Popen[bytes]":
        variables = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PORT": str(port), "LOG_FORMAT": "json"}
        with (tmp_path / "output.log").open("wb") as sink:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env=variables | environ | changes,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
            )
        processes.append(process)
        return process

    yield started
    for process in processes:
        if process.poll() is None:
            process.kill()
        process.wait(10)


async def served(port: int) -> bool:
    try:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture
async def stack(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    """A worker and simulated providers on the engines that the API uses too."""
    with running_simulator(generation_s=0.5, queue_s=0.1) as simulator:
        async with open_pool(Database(database_url), 2) as pool:
            made = Installation(pool, database_url, redis_url, simulator, tmp_path)
            try:
                yield made
            finally:
                made.stop_all()
