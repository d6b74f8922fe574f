"""A whole installation of its own: engines, simulator, API and worker processes, storage, in one folder."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.chaos.fleet import Fleet, Slot
from db.migrate import migrate
from devstack.engines import Engine, Engines, in_thread, start_engines, take_home
from devstack.engines.ports import pick_port
from devstack.engines.watchdog import Watchdog
from devstack.environ import ROOT
from devstack.readiness import wait_until_ready
from reelwork.testing import SimulatorHandle

ADMIN_KEY = "an-admin-key-of-at-least-32-characters"
_SLOW_DOWNLOADS = "content=drip,bytes_per_s=40000,probability=0.1"
"""Always in force, so that there are transfers to be cut down in the middle."""

_CATALOGUE = "[openai_videos]\nlisting_delay_seconds = {delay}\n"


@dataclass(frozen=True, slots=True)
class Timing:
    """The installation's seconds, small where a short run must see the end of what it begins."""

    lease: float = 10
    heartbeat: float = 3
    submit_timeout: float = 10
    listing_delay: float = 4
    grace: float = 15
    generation: float = 6

    def settings(self) -> dict[str, str]:
        """As variables of the processes."""
        return {
            "LEASE_SECONDS": str(self.lease),
            "HEARTBEAT_SECONDS": str(self.heartbeat),
            "SUBMIT_TIMEOUT_SECONDS": str(self.submit_timeout),
            "SHUTDOWN_GRACE_SECONDS": str(self.grace),
        }


@dataclass
class Stage:
    """What a run plays on."""

    folder: Path
    engines: Engines
    fleet: Fleet
    ports: list[int]
    simulator: SimulatorHandle
    timing: Timing

    @property
    def videos(self) -> Path:
        return self.folder / "videos"

    @property
    def work_dir(self) -> Path:
        return self.folder / "work"

    @property
    def postgres(self) -> Engine:
        assert self.engines.postgres is not None
        return self.engines.postgres

    @property
    def valkey(self) -> Engine:
        assert self.engines.valkey is not None
        return self.engines.valkey

    async def ready(self) -> None:
        """Until every API serves and a worker lives."""
        for port in self.ports:
            await wait_until_ready(f"http://127.0.0.1:{port}", lambda: None)


@asynccontextmanager
async def open_stage(folder: Path, timing: Timing, *, apis: int, workers: int, seed: int) -> AsyncIterator[Stage]:
    """Build it and start everything; at the end of the block all of it is stopped. The folder stays."""
    async with AsyncExitStack() as stack:
        home = await stack.enter_async_context(in_thread(take_home(folder / "home")))
        engines = await stack.enter_async_context(in_thread(start_engines(home)))
        await migrate(engines.database_url)
        for name in ("videos", "work", "logs"):
            (folder / name).mkdir()
        (folder / "catalogue.toml").write_text(_CATALOGUE.format(delay=timing.listing_delay))
        simulator_port = pick_port()
        ports = [pick_port() for _ in range(apis)]
        url = f"http://127.0.0.1:{simulator_port}"
        environment = _environment(folder, engines, url) | timing.settings()
        fleet = _fleet(folder, environment, home.watchdog, simulator_port, ports, workers)
        fleet.simulator.command = [*fleet.simulator.command, *_simulated(timing, seed)]
        stack.push_async_callback(fleet.stop, timing.grace + 10)
        fleet.start(fleet.simulator, *fleet.apis, *fleet.workers)
        stage = Stage(folder, engines, fleet, ports, stack.enter_context(SimulatorHandle(url)), timing)
        await stage.ready()
        stage.simulator.add_fault(_SLOW_DOWNLOADS)
        yield stage


def _fleet(
    folder: Path, environment: dict[str, str], watchdog: Watchdog, simulator_port: int, ports: list[int], workers: int
) -> Fleet:
    def slot(name: str, *command: str, **more: str) -> Slot:
        return Slot(
            name, [sys.executable, "-m", *command], environment | more, folder / "logs" / f"{name}.log", watchdog
        )

    return Fleet(
        apis=[slot(f"api-{number}", "app", PORT=str(port)) for number, port in enumerate(ports)],
        workers=[slot(f"worker-{number}", "arq", "worker.WorkerSettings") for number in range(workers)],
        simulator=slot("simulator", "reelwork.simulator", "--port", str(simulator_port)),
    )


def _simulated(timing: Timing, seed: int) -> list[str]:
    """Answers to accepted submissions are always held back a while: the window in which a crash loses a paid id."""
    options = {
        "lean": "true",
        "generation_s": timing.generation,
        "jitter": 0.5,
        "submit_delay_ms": 300,
        "listing_delay_s": timing.listing_delay / 2,
        "seed": seed + 1,
    }
    return [f"{name}={value}" for name, value in options.items()]


def _environment(folder: Path, engines: Engines, simulator: str) -> dict[str, str]:
    """What the processes see; nothing of the caller's own."""
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": engines.database_url,
        "REDIS_URL": engines.redis_url,
        "ENCRYPTION_KEY": "11" * 32,
        "ADMIN_KEY": ADMIN_KEY,
        "STORAGE_URL": (folder / "videos").as_uri(),
        "WORK_DIR": str(folder / "work"),
        "REELWORK_CATALOGUE": str(folder / "catalogue.toml"),
        "OPENAI_BASE_URL": f"{simulator}/v1",
        "OPENAI_API_KEY": "sim-openai",
        "GEMINI_BASE_URL": simulator,
        "GEMINI_API_KEY": "sim-gemini",
        "LANE_RATE_PER_MINUTE": "0",
        "LANE_MAX_IN_FLIGHT": "0",
        "LANE_REQUESTS_PER_SECOND": "100",
        "API_RATE_LIMIT": "0",
        "LOG_FORMAT": "json",
    }


def callers(stage: Stage) -> list[httpx.AsyncClient]:
    """A client for each API process, with the operators' key."""
    headers = {"authorization": f"Bearer {ADMIN_KEY}"}
    urls = [f"http://127.0.0.1:{port}" for port in stage.ports]
    return [httpx.AsyncClient(base_url=url, headers=headers, timeout=10, trust_env=False) for url in urls]
