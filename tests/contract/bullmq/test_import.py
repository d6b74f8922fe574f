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
WAY_BACK = Path(__file__).parents[3] / "examples" / "nextjs" / "scripts" / "back-to-bullmq.mjs"
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


def results(printed: Any) -> dict[str, str]:
    """What became of each job, by its BullMQ id's last digit; the scheduler's own left out."""
    return {job["bullmqId"][-1:]: job["result"] for job in printed["jobs"] if "repeat" not in job["bullmqId"]}


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
def test_a_real_queue_is_taken_over_once_and_given_back(
    node: str, stack: Stack, engines: Engines, package: str, tmp_path: Path
) -> None:
    prompt, queue = f"a pier {uuid4()}", f"videos-{package}"
    provider_id = made_by_the_old_worker(stack, f"{prompt} 2")
    of_queue = {"BULLMQ": package, "REDIS_URL": engines.redis_url, "QUEUE": queue, "IDS": str(uuid4())[:-1]}
    filled = run(node, "write.mjs", cwd=FOLDER, PROVIDER_JOB_ID=provider_id, PROMPT=prompt, **of_queue)
    assert filled.returncode == 0, filled.stderr
    importing = Import(stack, engines.redis_url, queue)

    tried, done, again = importing(), importing("--yes"), importing("--yes")

    left = {"1": "left alone", "3": "left alone"}
    assert results(tried) == left | dict.fromkeys("4567", "would be created") | {"2": "would be adopted"}
    assert results(done) == left | dict.fromkeys("4567", "created") | {"2": "adopted"}
    assert results(again) == left | dict.fromkeys("24567", "already here")
    jobs = {job["bullmqId"][-1:]: job["jobId"] for job in done["jobs"] if job["result"] != "left alone"}
    wait_until(lambda: {stack.stage_of(jobs[scene]) for scene in "2457"} == {"completed"}, 90, "the end of all")
    assert stack.stage_of(jobs["6"]) == "queued"
    assert [stack.paid(f"{prompt} {scene}") for scene in "1234567"] == [0, 1, 0, 1, 1, 0, 1]
    assert CANARY not in stack.installation.logs()

    (tmp_path / "imported.json").write_text(json.dumps(done))
    server = {"REELWORK_URL": stack.base_url.removesuffix("/v1"), "REELWORK_API_KEY": stack.admin_key}
    for options in ([], ["--yes"], ["--yes"]):
        back = run(node, str(WAY_BACK), str(tmp_path / "imported.json"), *options, cwd=FOLDER, **of_queue, **server)
        assert back.returncode == 0, back.stderr

    with redis.Redis.from_url(engines.redis_url) as connection:
        kept = {scene: connection.exists(f"bull:{queue}:{of_queue['IDS']}{scene}") for scene in "123467"}
    assert kept == {"1": 1, "2": 0, "3": 1, "4": 0, "6": 1, "7": 0}
    assert stack.http.get(f"/api/video/{jobs['6']}").status_code == 404


def test_a_queue_whose_workers_could_still_start_is_refused(stack: Stack, engines: Engines) -> None:
    with redis.Redis.from_url(engines.redis_url) as connection:
        connection.hset("bull:running:meta", "version", "bullmq:5.81.5")

    refused = Import(stack, engines.redis_url, "running")("--yes", code=1)

    assert "not paused" in refused["error"]
