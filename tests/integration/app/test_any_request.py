"""Requests of every form, good and bad, drawn from the API's own description: none is answered by a failure, or in
a way that the description does not know."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.reference.areas.examples import JOB
from db.connection import Pool
from reelwork.testing import running_simulator
from tests.integration.app.conftest import ADMIN_KEY, Api, OpenApi, Serve
from tests.integration.app.rows import living_worker, move

CONFIG = Path(__file__).with_name("schemathesis.toml")
LONG = os.environ.get("SCHEMATHESIS_EXAMPLES")
"""How many requests are drawn for each operation and scope in a long run; a short one draws few, and the admin's alone
from all the edges of the description."""


@pytest.fixture
async def address(open_api: OpenApi, serve: Serve, pool: Pool, no_outside: None) -> AsyncIterator[str]:
    """The API on a port of its own, with what the description's examples name; it may be called without a limit."""
    with running_simulator() as simulator:
        urls = {"OPENAI_BASE_URL": simulator.openai_base_url, "GEMINI_BASE_URL": simulator.gemini_base_url}
        settings = {"API_RATE_LIMIT": "0", "QUEUE_STALL_SECONDS": "86400", "VERTEX_BASE_URL": simulator.vertex_base_url}
        async with open_api(**urls, **settings) as api:
            await stock(api, pool)
            async with serve(api) as served:
                yield served


async def stock(api: Api, pool: Pool) -> None:
    """A worker that lives on, a webhook's secret, and the finished video that the examples name."""
    await living_worker(pool, silent_for_s=-86_400)
    await api.client.post("/api/webhooks/secret")
    await api.generate(jobId=JOB, storyboardId="film-1", endUserId="user-7")
    video, poster = await api.store(JOB, b"x" * 1000), await api.store(JOB, b"y", "poster.webp")
    await move(pool, JOB, "completed", video_key=video, poster_key=poster)


async def key_with(address: str, scope: str) -> str:
    """A key with this scope alone."""
    if scope == "admin":
        return ADMIN_KEY
    headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
    async with httpx.AsyncClient(base_url=address, headers=headers) as client:
        made = await client.post("/api/admin/keys", json={"name": scope, "scopes": [scope]})
    key: str = made.json()["key"]
    return key


@pytest.mark.timeout(3600 if LONG else 300)
@pytest.mark.parametrize("scope", ["none", "read", "generate", "operate", "admin"])
async def test_no_request_is_answered_by_a_failure_or_in_an_unknown_way(
    address: str, scope: str, tmp_path: Path
) -> None:
    headers = [] if scope == "none" else ["--header", f"Authorization: Bearer {await key_with(address, scope)}"]
    phases = "examples,coverage,fuzzing,stateful" if LONG or scope == "admin" else "examples,fuzzing"
    drawing = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG), "run", f"{address}/openapi.json"),
        *("--max-examples", LONG or "1", "--phases", phases, "--no-color", *headers),
        cwd=tmp_path,  # it keeps what it has found
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await drawing.communicate()

    assert drawing.returncode == 0, said.decode()
