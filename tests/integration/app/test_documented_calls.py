"""The examples of docs/api.md in Python and Node, run in their order against a whole installation."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from db.connection import Database, open_pool
from reelwork.testing import running_simulator
from tests.integration.app.conftest import ADMIN_KEY, OpenApi, Serve
from tests.stack.installation import Installation

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "api.md").read_text()
ELSEWHERE = ("openai", "standardwebhooks", "EventSource")
"""Examples that need a browser or a package of its own: the SDKs have tests of their own."""

PYTHON = "SERVER, KEY, job_id = {address!r}, {key!r}, {job!r}\n"
NODE = """import {{ readFileSync }} from "node:fs";
const SERVER = "{address}", KEY = "{key}", jobId = "{job}", png = readFileSync("first.png");
"""


def examples(language: str) -> str:
    """All examples of a language that can be run, as one program."""
    blocks = re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT, flags=re.DOTALL | re.MULTILINE)
    return "\n".join(block for block in blocks if not any(word in block for word in ELSEWHERE))


@pytest.fixture
async def served(
    open_api: OpenApi, serve: Serve, database_url: str, redis_url: str, tmp_path: Path, no_outside: None
) -> AsyncIterator[dict[str, str]]:
    """Where the API is, its key, and a video whose turn comes tomorrow; a picture lies in the folder of the test."""
    Image.new("RGB", (64, 64)).save(tmp_path / "first.png")
    with running_simulator(generation_s=0.2, queue_s=0.1) as simulator:
        async with open_pool(Database(database_url), 2) as pool:
            stack = Installation(pool, database_url, redis_url, simulator, tmp_path)
            variables = stack.environment(
                ADMIN_KEY=ADMIN_KEY, GOOGLE_CREDENTIALS_JSON="ya29.any", REELWORK_SIMULATED="1"
            )
            async with open_api(**{name: value for name, value in variables.items() if name.isupper()}) as api:
                job = await api.generate(runAt=(datetime.now(UTC) + timedelta(days=1)).isoformat())
                stack.start_worker()
                try:
                    async with serve(api) as address:
                        yield {"address": address, "key": ADMIN_KEY, "job": job["jobId"]}
                finally:
                    stack.stop_all()


async def run(folder: Path, *command: str) -> tuple[int | None, str]:
    running = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await running.communicate()
    return running.returncode, said.decode()


async def test_the_examples_in_python_do_what_they_say(served: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "examples.py").write_text(PYTHON.format(**served) + examples("python"))

    code, said = await run(tmp_path, sys.executable, "examples.py")

    assert code == 0, said
    assert (tmp_path / "video.mp4").stat().st_size > 0


async def test_the_examples_in_node_do_what_they_say(served: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "examples.mjs").write_text(NODE.format(**served) + examples("js"))

    code, said = await run(tmp_path, "node", "examples.mjs")

    assert code == 0, said
    assert (tmp_path / "video.mp4").stat().st_size > 0
