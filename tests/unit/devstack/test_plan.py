from pathlib import Path

import pytest

from devstack import plan
from devstack.engines import Engine, Engines
from devstack.engines.fake_valkey import FakeValkeyServer
from devstack.keys import Keys
from devstack.options import read_options

KEYS = Keys("admin-secret", "encryption-secret")
SECRETS = {
    "OPENAI_API_KEY": "openai-secret",
    "GEMINI_API_KEY": "gemini-secret",
    "GOOGLE_CREDENTIALS_JSON": "google-secret",
    "OPENAI_VIDEOS_SERVERS": '{"lab": {"url": "http://lab:8000/v1", "keyEnv": "LAB_KEY"}}',
    "LAB_KEY": "lab-secret",
}
OUTSIDE = Engines("postgresql://outside/db", "redis://outside/0", None, None)


def shared(engines: Engines = OUTSIDE, simulator_url: str | None = None, **variables: str) -> dict[str, str]:
    return plan.shared_environment(read_options(variables, Path("/checkout")), engines, simulator_url)


def test_the_api_alone_is_given_the_providers_keys() -> None:
    environment = shared(**SECRETS)

    api = plan.api(environment, KEYS, 8000).environment
    (worker,) = plan.workers(environment, KEYS, 1)
    migration = plan.migration(environment).environment

    assert api["OPENAI_API_KEY"] == "openai-secret"
    assert api["LAB_KEY"] == "lab-secret"
    for values in (worker.environment.values(), migration.values()):
        assert not {"openai-secret", "gemini-secret", "google-secret", "lab-secret", "admin-secret"} & set(values)
    assert "encryption-secret" not in migration.values()
    assert worker.environment["OPENAI_VIDEOS_SERVERS"] == SECRETS["OPENAI_VIDEOS_SERVERS"]


def test_the_simulator_is_given_no_secret_at_all() -> None:
    options = read_options({**SECRETS, "ADMIN_KEY": "x" * 40, "PATH": "/bin", "SIMULATOR": "1"}, Path("/checkout"))

    part = plan.simulator(options, 8700)

    assert set(part.environment) == {"PATH", "PYTHONPATH", "PYTHONUNBUFFERED"}
    assert part.stage > 0, "it must outlive the workers that still talk to it"


def test_a_simulated_run_points_every_provider_at_the_simulator_with_worthless_keys() -> None:
    environment = shared(simulator_url="http://127.0.0.1:8700", **SECRETS)

    assert environment["OPENAI_BASE_URL"] == "http://127.0.0.1:8700/v1"
    assert environment["GEMINI_BASE_URL"] == environment["VERTEX_BASE_URL"] == "http://127.0.0.1:8700"
    assert environment["REELWORK_SIMULATED"] == "1"
    assert "OPENAI_VIDEOS_SERVERS" not in environment
    assert not {"openai-secret", "gemini-secret", "google-secret"} & set(environment.values())


def test_a_real_run_says_nothing_of_a_simulator() -> None:
    environment = shared(GEMINI_API_KEY="x")

    assert "REELWORK_SIMULATED" not in environment
    assert "OPENAI_BASE_URL" not in environment


def test_processes_are_executed_by_name_without_a_shell() -> None:
    commands = [plan.api(shared(), KEYS, 1).command, *(part.command for part in plan.workers(shared(), KEYS, 2))]

    assert [command[1:] for command in commands] == [
        ("-m", "app"),
        ("-m", "arq", "worker.WorkerSettings"),
        ("-m", "arq", "worker.WorkerSettings"),
    ]


def test_several_workers_have_different_names() -> None:
    assert [part.name for part in plan.workers(shared(), KEYS, 3)] == ["worker 1", "worker 2", "worker 3"]


def test_storage_is_a_folder_of_this_run_unless_set() -> None:
    assert shared()["STORAGE_URL"] == "file:///checkout/.reelwork/videos"
    assert shared(STORAGE_URL="s3://bucket/x")["STORAGE_URL"] == "s3://bucket/x"


@pytest.mark.parametrize("variable", ["DIRECT_DATABASE_URL", "DB_POOLER"])
def test_an_embedded_database_is_not_mixed_up_with_the_settings_of_another(variable: str) -> None:
    fake = Engine(FakeValkeyServer())
    embedded = Engines("postgresql://embedded/db", "redis://x", postgres=fake, valkey=None)

    assert variable not in shared(embedded, **{variable: "transaction"})
    assert variable in shared(OUTSIDE, **{variable: "transaction"})
