"""The official OpenAI SDK for Node works as the one for Python does; its tests are in node/."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from tests.stack.serving import Stack
from tests.stack.waiting import wait_until

FOLDER = Path(__file__).parent / "node"
TESTS_S = 240


@pytest.fixture(scope="module")
def node() -> str:
    """Node, with the SDK of the lock file beside the tests. A machine without them misses these tests, CI may not."""
    command = shutil.which("node")
    if command is None or shutil.which("npm") is None:
        _missing("Node and npm are not installed")
    stamp, lock = FOLDER / "node_modules" / ".lock-of-these", FOLDER / "package-lock.json"
    with lock.open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
            install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(install, cwd=FOLDER, capture_output=True, text=True, timeout=TESTS_S)
            if done.returncode:
                _missing(f"npm could not install the SDK: {done.stderr[-500:]}")
            shutil.copyfile(lock, stamp)
    return str(command)


def run(node: str, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(
        [node, *arguments], cwd=FOLDER, env=environment, capture_output=True, text=True, timeout=TESTS_S
    )


def test_every_method_works_unchanged(node: str, stack: Stack, image: Path) -> None:
    keys = {"KEY": stack.new_key(), "LIST_KEY": stack.new_key(), "READ_KEY": stack.new_key("read")}

    done = run(node, "--test", "videos.test.mjs", BASE_URL=stack.base_url, IMAGE=str(image), **keys)

    assert done.returncode == 0, done.stdout[-6000:]


@pytest.mark.parametrize("lost", [1, 2])
def test_a_create_whose_answers_are_lost_is_one_paid_video(node: str, stack: Stack, lost: int) -> None:
    prompt, key = f"a cat on a bad line {uuid4()}", stack.new_key()
    stack.wire.lose(lost)

    done = run(node, "create.mjs", BASE_URL=stack.wire.base_url, KEY=key, PROMPT=prompt)

    assert (done.returncode, stack.wire.lost) == (0, lost), done.stderr
    wait_until(lambda: stack.stage_of(done.stdout.strip()) == "completed", 60, "the end of the video")
    assert stack.paid(prompt) == 1


def _missing(why: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(f"{why}: the tests of the Node SDK do not run")
