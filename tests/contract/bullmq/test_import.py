"""A queue that BullMQ itself has filled is taken over: made once, adopted once, and a second run changes nothing."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import redis

from devstack.engines import Engines
from tests.stack.node import node_with, run
from tests.stack.serving import Stack
from tests.stack.waiting import wait_until

FOLDER = Path(__file__).parent / "node"
CANARY = "sk-canary-of-customer-"


@pytest.fixture(scope="module")
def node() -> str:
    return node_with(FOLDER)


class Import:
    """One queue, and the command that takes it over, as a process of its own."""

    def __init__(self, stack: Stack, redis_url: str, queue: str) -> None:
        self.stack = stack
        self.queue = queue
        self.redis_url = redis_url

    def __call__(self, *options: str, code: int = 0) -> Any:
        words = ["import", "bullmq", "--queue", self.queue, "--json", *options]
        server = {"REELWORK_URL": self.stack.base_url.removesuffix("/v1"), "REELWORK_API_KEY": self.stack.admin_key}
        done = subprocess.run(
            [sys.executable, "-m", "reelwork.cli", *words],
            env={**server, "BULLMQ_REDIS_URL": self.redis_url, "PATH": ""},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert CANARY not in done.stdout + done.stderr
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout or done.stderr)

    def results(self, *options: str) -> dict[str, str]:
        """What became of each job, by its BullMQ id's last digit."""
        return {
            job["bullmqId"][-1:]: job["result"] for job in self(*options)["jobs"] if "repeat" not in job["bullmqId"]
        }


def made_by_the_old_worker(stack: Stack, prompt: str) -> str:
    """The id of a video that a provider has, asked for with a customer's key."""
    made = httpx.post(
        f"{stack.simulator.url}/v1/videos",
        headers={"Authorization": f"Bearer {CANARY}2"},
        json={"model": "sora-2", "prompt": prompt, "size": "1280x720", "seconds": "4"},
        trust_env=False,
    )
    video_id: str = made.raise_for_status().json()["id"]
    return video_id


@pytest.mark.parametrize("package", ["bullmq", "bullmq6"])
def test_a_real_queue_is_taken_over_once(node: str, stack: Stack, engines: Engines, package: str) -> None:
    prompt, queue = f"a pier {uuid4()}", f"videos-{package}"
    provider_id = made_by_the_old_worker(stack, f"{prompt} 2")
    variables = {
        "IDS": str(uuid4())[:-1],
        "BULLMQ": package,
        "REDIS_URL": engines.redis_url,
        "QUEUE": queue,
        "PROMPT": prompt,
    }
    filled = run(node, "write.mjs", cwd=FOLDER, PROVIDER_JOB_ID=provider_id, **variables)
    assert filled.returncode == 0, filled.stderr
    importing = Import(stack, engines.redis_url, queue)

    tried = importing.results()
    done = importing.results("--yes")
    again = importing.results("--yes")

    left = {"1": "left alone", "3": "left alone"}
    assert tried == left | dict.fromkeys("4567", "would be created") | {"2": "would be adopted"}
    assert done == left | dict.fromkeys("4567", "created") | {"2": "adopted"}
    assert again == left | dict.fromkeys("24567", "already here")
    jobs = {job["bullmqId"][-1:]: job["jobId"] for job in importing()["jobs"]}
    wait_until(lambda: {stack.stage_of(jobs[scene]) for scene in "2457"} == {"completed"}, 90, "the end of all")
    assert stack.stage_of(jobs["6"]) == "queued"
    assert [stack.paid(f"{prompt} {scene}") for scene in "1234567"] == [0, 1, 0, 1, 1, 0, 1]
    assert CANARY not in stack.installation.logs()


def test_a_queue_whose_workers_could_still_start_is_refused(stack: Stack, engines: Engines) -> None:
    with redis.Redis.from_url(engines.redis_url) as connection:
        connection.hset("bull:running:meta", "version", "bullmq:5.81.5")

    refused = Import(stack, engines.redis_url, "running")("--yes", code=1)

    assert "not paused" in refused["error"]
