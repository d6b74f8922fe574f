"""The official OpenAI SDK for Node works as the one for Python does; its tests are in node/."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.stack.node import node_with, run
from tests.stack.serving import Stack
from tests.stack.waiting import wait_until

FOLDER = Path(__file__).parent / "node"


@pytest.fixture(scope="module")
def node() -> str:
    return node_with(FOLDER)


def test_every_method_works_unchanged(node: str, stack: Stack, image: Path) -> None:
    keys = {"KEY": stack.new_key(), "LIST_KEY": stack.new_key(), "READ_KEY": stack.new_key("read")}

    done = run(node, "--test", "videos.test.mjs", cwd=FOLDER, BASE_URL=stack.base_url, IMAGE=str(image), **keys)

    assert done.returncode == 0, done.stdout[-6000:]


@pytest.mark.parametrize("lost", [1, 2])
def test_a_create_whose_answers_are_lost_is_one_paid_video(node: str, stack: Stack, lost: int) -> None:
    prompt, key = f"a cat on a bad line {uuid4()}", stack.new_key()
    stack.wire.lose(lost)

    done = run(node, "create.mjs", cwd=FOLDER, BASE_URL=stack.wire.base_url, KEY=key, PROMPT=prompt)

    assert (done.returncode, stack.wire.lost) == (0, lost), done.stderr
    wait_until(lambda: stack.stage_of(done.stdout.strip()) == "completed", 60, "the end of the video")
    assert stack.paid(prompt) == 1
