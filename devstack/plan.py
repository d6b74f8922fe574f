"""Which processes a local run has, and which environment each is given: none gets a secret that it does not need."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from devstack.engines import Engines
from devstack.environ import ROOT
from devstack.keys import Keys
from devstack.options import PROVIDER_VARIABLES, Options

PROVIDER_SECRETS: Final = (
    *("OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_CREDENTIALS_JSON", "GOOGLE_APPLICATION_CREDENTIALS"),
)
# What a program needs to run at all, of the environment we were started with.
HARMLESS: Final = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TMPDIR", "TZ", "NO_COLOR", "FORCE_COLOR", "TERM")


@dataclass(frozen=True, slots=True)
class Part:
    """One process to keep running. Parts of a lower stage are stopped before those of a higher one."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    colour: str
    stage: int = 0


def shared_environment(options: Options, engines: Engines, simulator_url: str | None) -> dict[str, str]:
    """What API, worker and migration have in common: everything but keys."""
    given = dict(options.environment)
    environment = given | {
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": engines.database_url,
        "REDIS_URL": engines.redis_url,
        "STORAGE_URL": given.get("STORAGE_URL", (options.home / "videos").as_uri()),
        "WORK_DIR": given.get("WORK_DIR", str(options.home / "work")),
        "LOG_FORMAT": given.get("LOG_FORMAT", "text"),
    }
    if engines.postgres is not None:  # these would speak of another database
        environment.pop("DIRECT_DATABASE_URL", None)
        environment.pop("DB_POOLER", None)
    if simulator_url is not None:
        environment = _pointed_at_simulator(environment, simulator_url)
    for name in ("ADMIN_KEY", "ENCRYPTION_KEY", "REELWORK_API_KEY"):
        environment.pop(name, None)
    return environment


def migration(shared: Mapping[str, str]) -> Part:
    """The process that brings the schema up to date and ends."""
    return Part("migrate", (sys.executable, "-m", "db.migrate"), _without_provider_secrets(shared), "magenta")


def api(shared: Mapping[str, str], keys: Keys, port: int) -> Part:
    """The API. It alone reads providers' keys: it seals them into the database, where the worker finds them."""
    environment = {
        **shared,
        "ADMIN_KEY": keys.admin,
        "ENCRYPTION_KEY": keys.encryption,
        "PORT": str(port),
    }
    return Part("api", (sys.executable, "-m", "app"), environment, "cyan")


def workers(shared: Mapping[str, str], keys: Keys, count: int) -> list[Part]:
    """The workers; each is one process, numbered if there are several."""
    command = (sys.executable, "-m", "arq", "worker.WorkerSettings")
    environment = {**_without_provider_secrets(shared), "ENCRYPTION_KEY": keys.encryption}
    environment.pop("PORT", None)
    names = ["worker"] if count == 1 else [f"worker {number}" for number in range(1, count + 1)]
    return [Part(name, command, environment, "green") for name in names]


def simulator(options: Options, port: int) -> Part:
    """The stand-in for all providers. It knows no secret of ours at all."""
    environment = {name: value for name, value in options.environment.items() if name in HARMLESS}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = (sys.executable, "-m", "reelwork.simulator", "--port", str(port))
    return Part("simulator", command, environment, "yellow", stage=1)


def _pointed_at_simulator(environment: Mapping[str, str], url: str) -> dict[str, str]:
    """Every provider at the simulator, with keys that are good for nothing else."""
    kept = {name: value for name, value in environment.items() if name not in PROVIDER_VARIABLES}
    return kept | {
        "OPENAI_BASE_URL": f"{url}/v1",
        "OPENAI_API_KEY": "simulator",
        "GEMINI_BASE_URL": url,
        "GEMINI_API_KEY": "simulator",
        "VERTEX_BASE_URL": url,
        "GOOGLE_CREDENTIALS_JSON": "ya29.simulator",
        "GOOGLE_CLOUD_PROJECT_ID": "simulator",
        "VERTEX_OUTPUT_URI": "gs://simulator/videos",
        "REELWORK_SIMULATED": "1",
    }


def _without_provider_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    secrets = {*PROVIDER_SECRETS, *_key_variables(environment.get("OPENAI_VIDEOS_SERVERS", "{}"))}
    return {name: value for name, value in environment.items() if name not in secrets}


def _key_variables(servers: str) -> list[str]:
    """The variables that named servers take their keys from; malformed settings are for the processes to name."""
    try:
        parsed = json.loads(servers)
        return [str(server["keyEnv"]) for server in parsed.values() if server.get("keyEnv")]
    except (ValueError, AttributeError):
        return []
