"""LiteLLM as a client of our API, pointed at it as at any OpenAI-style server: create, status, content."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from devstack.engines import Engines
from devstack.engines.databases import DatabaseMaker
from tests.stack.serving import Stack, serving

SCRIPT = Path(__file__).parent / "litellm_client.py"
PYTHON = Path(__file__).parents[2] / ".venv-litellm" / "bin" / "python"
pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="module")
def stack(
    engines: Engines, database_maker: DatabaseMaker, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    database_url = database_maker.create(template_database)
    with serving(database_url, engines.redis_url, tmp_path_factory.mktemp("stack")) as served:
        yield served
    database_maker.drop(database_url)


@pytest.mark.parametrize("model", ["sora-2", "veo", "omni"])
def test_it_asks_for_a_video_waits_for_it_and_has_its_content(stack: Stack, tmp_path: Path, model: str) -> None:
    prompt, saved = f"a cat by another library {uuid4()}", tmp_path / "video.mp4"
    answer = run(stack, MODEL=model, PROMPT=prompt, SAVE_AS=str(saved))

    assert (answer["statuses"][-1], answer["seconds"]) == ("completed", "8")
    assert saved.read_bytes()[4:8] == b"ftyp"
    assert stack.paid(prompt) == 1


def run(stack: Stack, **variables: str) -> dict[str, object]:
    environment = {"PATH": os.environ["PATH"], "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
    environment |= {"BASE_URL": stack.base_url, "KEY": stack.new_key(), **variables}
    done = subprocess.run([PYTHON, SCRIPT], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    seen: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return seen
