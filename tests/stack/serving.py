"""The API and a worker as processes over simulated providers, and a wire to them that can lose answers."""

import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx

from reelwork.testing import SimulatorHandle, running_simulator
from tests.stack.installation import ADMIN_KEY, Installation
from tests.stack.lossy_wire import LossyWire, lossy_wire
from tests.stack.waiting import wait_until

START_S = 120.0


@dataclass(frozen=True)
class Stack:
    """`http` carries the admin key."""

    base_url: str
    wire: LossyWire
    simulator: SimulatorHandle
    http: httpx.Client
    installation: Installation

    def new_key(self, *scopes: str) -> str:
        """A key of a client that has no video yet."""
        name = f"client-{uuid4().hex[:8]}"
        self.http.post("/api/admin/clients", json={"name": name}).raise_for_status()
        body = {"client": name, "name": "sdk", "scopes": scopes or ["generate", "read"]}
        key: str = self.http.post("/api/admin/keys", json=body).raise_for_status().json()["key"]
        return key

    admin_key = ADMIN_KEY

    def another_api(self, **settings: str) -> str:
        """The base URL of one more API process, with other settings."""
        port = _free_port()
        self.installation.start([sys.executable, "-m", "app"], "app", PORT=str(port), **settings)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            _wait_until_it_answers(http, "/healthz", self.installation)
        return f"http://127.0.0.1:{port}/v1"

    def stage_of(self, video_id: str) -> str:
        """The row's own word."""
        job_id = UUID(video_id.removeprefix("video_"))
        stage: str = self.http.get(f"/api/video/{job_id}").raise_for_status().json()["stage"]
        return stage

    def until_stored(self, job_id: str) -> None:
        """Wait until the video is there."""
        wait_until(lambda: self.stage_of(job_id) == "completed", START_S, f"the video {job_id}")

    def paid(self, prompt: str) -> int:
        """How many videos of this prompt were paid for."""
        return [line["prompt"] for line in self.simulator.books()["submissions"]].count(prompt)


@contextmanager
def serving(database_url: str, redis_url: str, folder: Path, **settings: str) -> Iterator[Stack]:
    """All of it for the life of the block, over a migrated database; `settings` are variables of both processes."""
    port = _free_port()
    with running_simulator(generation_s=0.5, queue_s=0.1, lean=True) as simulator, lossy_wire(port) as wire:
        made = Installation(None, database_url, redis_url, simulator, folder, settings)
        variables = {"GOOGLE_CREDENTIALS_JSON": "ya29.simulated-token", "PORT": str(port)}
        made.start([sys.executable, "-m", "app"], "app", **variables)
        made.start_worker()
        headers = {"Authorization": f"Bearer {ADMIN_KEY}"}
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False) as http:
                _wait_until_it_answers(http, "/api/health/worker", made)
                yield Stack(f"http://127.0.0.1:{port}/v1", wire, simulator, http, made)
        finally:
            made.stop_all()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_it_answers(http: httpx.Client, path: str, made: Installation) -> None:
    def answers() -> bool:
        with suppress(httpx.TransportError):
            return http.get(path).is_success
        return False

    try:
        wait_until(answers, START_S, f"{path} answering")
    except AssertionError as error:
        raise AssertionError(f"{error}: {made.logs()}") from None
