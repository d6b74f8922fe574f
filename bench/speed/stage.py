"""Where a measurement takes place: engines, simulator and processes of its own, in one folder."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx

from bench.chaos.fleet import Fleet, Slot
from db.migrate import migrate
from devstack.engines import Engines, in_thread, start_engines, take_home
from devstack.engines.ports import pick_port
from devstack.environ import ROOT
from reelwork.testing import SimulatorHandle

ADMIN_KEY = "an-admin-key-of-at-least-32-characters"
WORKER_ROLE = "bench_worker"
"""Only the worker under test connects as this role: Postgres counts its statements apart from all others."""

_START_S = 60.0
_GRACE_S = 20.0


@dataclass(frozen=True, slots=True)
class Scene:
    """What is simulated: how many videos at once, how long each takes at the provider, and its size."""

    videos: int
    generation_s: float
    video_bytes: int

    def simulated(self) -> list[str]:
        """As options of the simulator."""
        return [
            "lean=true",
            f"generation_s={self.generation_s}",
            "jitter=0.1",
            f"payload_bytes={self.video_bytes}",
            "seed=1",
        ]


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs, and where it is."""

    folder: Path
    engines: Engines
    fleet: Fleet
    simulator: SimulatorHandle
    worker_database: str
    api_url: str
    scene: Scene

    @property
    def worker_pid(self) -> int:
        """The process that is measured."""
        return self.fleet.workers[0].lives[-1].pid

    @property
    def api_pid(self) -> int:
        return self.fleet.apis[0].lives[-1].pid


@asynccontextmanager
async def open_stage(folder: Path, scene: Scene) -> AsyncIterator[Stage]:
    """Engines and the simulator run; API and worker are started by whoever measures them."""
    async with AsyncExitStack() as stack:
        home = await stack.enter_async_context(in_thread(take_home(folder / "home")))
        engines = await stack.enter_async_context(in_thread(start_engines(home)))
        worker_database = await _prepared(engines)
        for name in ("videos", "work", "logs"):
            (folder / name).mkdir()
        simulator_port, api_port = pick_port(), pick_port()
        url = f"http://127.0.0.1:{simulator_port}"
        environment = _environment(folder, engines, url, scene)

        def slot(name: str, command: Sequence[str], **more: str) -> Slot:
            log = folder / "logs" / f"{name}.log"
            return Slot(name, [sys.executable, "-m", *command], environment | more, log, home.watchdog)

        fleet = Fleet(
            apis=[slot("api", ["app"], PORT=str(api_port))],
            workers=[slot("worker", ["arq", "worker.WorkerSettings"], DATABASE_URL=worker_database)],
            simulator=slot("simulator", ["reelwork.simulator", "--port", str(simulator_port), *scene.simulated()]),
        )
        stack.push_async_callback(fleet.stop, _GRACE_S)
        fleet.start(fleet.simulator)
        handle = stack.enter_context(SimulatorHandle(url))
        await _serving(handle)
        yield Stage(folder, engines, fleet, handle, worker_database, f"http://127.0.0.1:{api_port}", scene)


async def _prepared(engines: Engines) -> str:
    """Migrate, count statements, and return the URL of the worker's own role."""
    assert engines.postgres is not None
    password = secrets.token_hex(12)
    conn = await asyncpg.connect(engines.database_url)
    await conn.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
    await conn.execute(f"CREATE ROLE {WORKER_ROLE} SUPERUSER LOGIN PASSWORD '{password}'")
    await conn.execute("CREATE EXTENSION pg_stat_statements SCHEMA public")
    await conn.close()
    await engines.postgres.stop()
    await engines.postgres.start()
    await migrate(engines.database_url)
    parts = urlsplit(engines.database_url)
    return f"postgresql://{WORKER_ROLE}:{password}@{parts.hostname}:{parts.port}{parts.path}"


async def _serving(simulator: SimulatorHandle) -> None:
    """Until it answers."""
    async with asyncio.timeout(_START_S):
        while True:
            with suppress(httpx.TransportError):
                simulator.books(brief=True)
                return
            await asyncio.sleep(0.1)


def _environment(folder: Path, engines: Engines, simulator: str, scene: Scene) -> dict[str, str]:
    """What the processes see; nothing of the caller's own. The provider's copies stay, as the naive port lets them."""
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
        "OPENAI_BASE_URL": f"{simulator}/v1",
        "OPENAI_API_KEY": "sim-openai",
        "PROVIDER_COPY": "keep",
        "WORKER_MAX_IN_FLIGHT": str(scene.videos + 100),
        "LANE_RATE_PER_MINUTE": "0",
        "LANE_MAX_IN_FLIGHT": "0",
        "API_RATE_LIMIT": "0",
        "LOG_FORMAT": "json",
    }
