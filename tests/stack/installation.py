"""An installation's rows as its API would make them, its processes, and its simulated providers."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from db import accept, credentials, lane_settings
from db.connection import Pool, transaction
from db.crypto import Sealer
from db.tables.accounts import DEFAULT_CLIENT
from devstack.engines.ports import pick_port
from reelwork.testing import SimulatorHandle
from tests.stack.waiting import until

ROOT = Path(__file__).parents[2]
ENCRYPTION_KEY = "11" * 32
ADMIN_KEY = "an-admin-key-of-at-least-32-characters"
PRICE_MICROS = 400_000


@dataclass
class Installation:
    """Where everything is. `settings` are variables that its processes get on top of the usual ones."""

    pool: Pool
    database_url: str
    redis_url: str
    simulator: SimulatorHandle
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    processes: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def videos(self) -> Path:
        return self.folder / "videos"

    def environment(self, **more: str) -> dict[str, str]:
        """What a process of this installation sees; nothing of the developer's own."""
        (self.folder / "work").mkdir(exist_ok=True)
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "ENCRYPTION_KEY": ENCRYPTION_KEY,
            "ADMIN_KEY": ADMIN_KEY,
            "STORAGE_URL": self.videos.as_uri(),
            "WORK_DIR": str(self.folder / "work"),
            "OPENAI_BASE_URL": self.simulator.openai_base_url,
            "OPENAI_API_KEY": "sim-openai",
            "GEMINI_BASE_URL": self.simulator.gemini_base_url,
            "GEMINI_API_KEY": "sim-gemini",
            "VERTEX_BASE_URL": self.simulator.vertex_base_url,
            "GOOGLE_CLOUD_PROJECT_ID": "simulated-project",
            "LANE_RATE_PER_MINUTE": "0",
            "LANE_MAX_IN_FLIGHT": "0",
            "LANE_REQUESTS_PER_SECOND": "200",
            "LOG_FORMAT": "json",
            **self.settings,
            **more,
        }

    def start_worker(self, **more: str) -> "subprocess.Popen[bytes]":
        """One worker process, its log in worker-N.log."""
        return self.start([sys.executable, "-m", "arq", "worker.WorkerSettings"], "worker", **more)

    def start_web(self, port: int | None = None) -> str:
        """One API process, on a port of its own; returns its base URL, which answers a moment later."""
        port = port or pick_port()
        self.start([sys.executable, "-m", "app"], "web", PORT=str(port))
        return f"http://127.0.0.1:{port}"

    def start(self, command: list[str], name: str, **more: str) -> "subprocess.Popen[bytes]":
        log = self.folder / f"{name}-{len(self.processes)}.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment(**more), stdout=sink, stderr=sink, stdin=subprocess.DEVNULL
            )
        self.processes.append(process)
        return process

    def stop_all(self) -> None:
        """Kill what still runs, frozen or not."""
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait(10)

    def logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-6000:] for path in sorted(self.folder.glob("*.log")))

    def log_of(self, name: str) -> str:
        """All that one process has written."""
        return (self.folder / f"{name}.log").read_text()

    async def submit(self, prompts: Iterable[str], **how: Any) -> list[UUID]:
        """Accept one video for each prompt on the OpenAI-dialect lane, or as `how` says (kind, output_uri of its lane,
        model, seconds, size, attempt settings of NewJob)."""
        async with transaction(self.pool) as conn:
            pinned = await self._pinned(conn, how.pop("kind", "openai_videos"), how.pop("output_uri", None))
            jobs = [new_job(prompt, *pinned, **how) for prompt in prompts]
            await accept.accept(conn, jobs, None)
        return [job.id for job in jobs]

    async def _pinned(self, conn: Any, kind: str, output_uri: str | None) -> tuple[str, UUID, UUID]:
        sealer = Sealer([bytes.fromhex(ENCRYPTION_KEY)])
        secret, base_url = {
            "openai_videos": ("sim-openai", self.simulator.openai_base_url),
            "google_omni": ("sim-gemini", self.simulator.gemini_base_url),
            "vertex_veo": (json.dumps(self.simulator.service_account()), self.simulator.vertex_base_url),
        }[kind]
        lane = lane_settings.NewLane(
            kind=kind, base_url=base_url, key_hashes=sealer.fingerprints(secret), output_uri=output_uri
        )
        lane_id = await lane_settings.find_or_make(conn, lane)
        key = credentials.NewCredential(DEFAULT_CLIENT, lane_id, "server", secret)
        return kind, lane_id, await credentials.find_or_keep(conn, sealer, key)

    async def set_lane(self, **settings: Any) -> None:
        """Set these columns of every lane."""
        for column, value in settings.items():
            await self.pool.execute(f"UPDATE reelwork.lanes SET {column} = $1", value)

    def quick_listing(self, delay_s: float = 1) -> None:
        """Let workers trust the listing after a second, and a submission be answered within five."""
        overlay = self.folder / "catalogue.toml"
        overlay.write_text(f"[openai_videos]\nlisting_delay_seconds = {delay_s}\n")
        self.settings |= {"REELWORK_CATALOGUE": str(overlay), "SUBMIT_TIMEOUT_SECONDS": "5"}

    def take_storage_away(self) -> None:
        """A file lies where the folder should be, until it is given back."""
        self.videos.rename(self.folder / "aside")
        self.videos.write_text("in the way")

    def give_storage_back(self) -> None:
        self.videos.unlink()
        (self.folder / "aside").rename(self.videos)

    async def named(self, job_id: UUID) -> None:
        """Wait until the provider has named the video."""

        async def has_id() -> object:
            return (await self.job(job_id))["provider_job_id"]

        await until(has_id, 120, "a video at its provider")

    async def timeline(self, job_id: UUID) -> list[dict[str, Any]]:
        """The video's events in their order, each with id, type and data."""
        rows = await self.pool.fetch(
            "SELECT id, type, data FROM reelwork.job_events WHERE job_id = $1 ORDER BY id", job_id
        )
        return [dict(row) for row in rows]

    async def job(self, job_id: UUID) -> dict[str, Any]:
        """The video's whole row."""
        return dict(await self.pool.fetchrow("SELECT * FROM reelwork.video_jobs WHERE id = $1", job_id))

    async def states(self) -> dict[str, int]:
        """How many jobs stand where."""
        rows = await self.pool.fetch("SELECT state, count(*) FROM reelwork.video_jobs GROUP BY state")
        return {row["state"]: row["count"] for row in rows}

    async def all_ended(self, within_s: float) -> dict[str, int]:
        """Wait until nothing is queued or in anybody's hands; returns the states."""

        async def ended() -> dict[str, int]:
            states = await self.states()
            open_states = {"queued", "submitting", "generating", "collecting"}
            return {} if open_states & states.keys() else states

        try:
            states: Any = await until(ended, within_s, "the end of all videos")
        except AssertionError as error:
            raise AssertionError(f"{error}: {await self.states()}\n{self.logs()}") from None
        return dict(states)

    def paid(self) -> list[str]:
        """The prompts of the paid submissions, in their order, as the provider's books have them."""
        return [str(one["prompt"]) for one in self.simulator.books()["submissions"]]


def new_job(prompt: str, kind: str, lane_id: UUID, credential_id: UUID, **how: Any) -> accept.NewJob:
    """A job row with everything that does not matter filled in."""
    params = {"seconds": how.pop("seconds", 4), "size": how.pop("size", "1280x720")}
    default_model = {
        "openai_videos": "sora-2",
        "google_omni": "gemini-omni-1.2-flash",
        "vertex_veo": "veo-3.1-generate-001",
    }[kind]
    model = how.pop("model", default_model)
    alike = f"{lane_id}{model}{params}{prompt}"
    values: dict[str, Any] = {
        "id": uuid4(),
        "client_id": DEFAULT_CLIENT,
        "storyboard_id": None,
        "scene_id": None,
        "server": None,
        "requested_model": model,
        "adjusted": None,
        "caller_metadata": None,
        "webhook_url": None,
        "inputs_hash": None,
        "trace_id": None,
        "simulated": True,
        "priority": 2,
        "run_at": None,
        "expires_at": None,
        "estimate_micros": PRICE_MICROS,
        "catalogue_version": "test",
        **how,
    }
    return accept.NewJob(
        kind=kind,
        lane_id=lane_id,
        credential_id=credential_id,
        model=model,
        prompt=prompt,
        params=params,
        body_hash=hashlib.sha256(str(values["id"]).encode()).hexdigest(),
        fingerprint=hashlib.sha256(alike.encode()).hexdigest(),
        **values,
    )
