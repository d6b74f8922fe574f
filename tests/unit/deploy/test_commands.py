"""Every platform starts the same three commands, with the settings they need and time to leave."""

import re
from typing import Any

import pytest

from config.checks import NEEDED_BY
from config.settings import Settings, load_settings

RELEASE = "python -m db.migrate"
WEB = "python -m app"
WORKER = "python -m arq worker.WorkerSettings"
KEYS = {"ENCRYPTION_KEY": "ab" * 32, "ADMIN_KEY": "an-admin-key-of-more-than-32-characters"}


def expanded(environment: dict[str, str]) -> dict[str, str]:
    """Compose's variables as they come out with nothing in `.env` but the two keys."""
    pattern = r"\$\{([A-Z_]+):[-?]([^}]*)\}"
    return {
        name: re.sub(pattern, lambda found: KEYS.get(found[1], found[2]), text) for name, text in environment.items()
    }


def keys_of(service: dict[str, Any]) -> set[str]:
    return {variable["key"] for variable in service["envVars"]}


def test_the_procfile_has_the_three_commands(procfile: dict[str, str]) -> None:
    assert procfile == {"release": RELEASE, "web": WEB, "worker": WORKER}


def test_compose_runs_the_three_commands_and_two_workers(compose: Any) -> None:
    services = compose["services"]

    assert " ".join(services["migrate"]["command"]) == RELEASE
    assert " ".join(services["web"]["command"]) == WEB
    assert " ".join(services["worker"]["command"]) == WORKER
    assert services["worker"]["deploy"]["replicas"] == 2


def test_compose_migrates_before_web_and_worker_start(compose: Any) -> None:
    services = compose["services"]

    for name in ("web", "worker"):
        assert services[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services["migrate"]["depends_on"]["postgres"]["condition"] == "service_healthy"


@pytest.mark.parametrize(("service", "role"), [("migrate", "release"), ("web", "web"), ("worker", "worker")])
def test_compose_gives_each_process_settings_it_can_start_with(compose: Any, service: str, role: Any) -> None:
    settings = load_settings(expanded(compose["services"][service]["environment"]), role=role)

    assert settings.storage_url == "file:///videos"
    assert settings.encryption_keys == (b"\xab" * 32,)


def test_compose_shares_the_videos_between_web_and_worker(compose: Any) -> None:
    services = compose["services"]

    assert services["web"]["volumes"] == services["worker"]["volumes"] == ["videos:/videos"]


def test_render_runs_the_three_commands(render: dict[str, Any]) -> None:
    web, worker = render["reelwork-web"], render["reelwork-worker"]

    assert (web["preDeployCommand"], web["dockerCommand"], worker["dockerCommand"]) == (RELEASE, WEB, WORKER)
    assert web["healthCheckPath"] == "/healthz"


def test_render_gives_each_process_what_it_needs(render: dict[str, Any]) -> None:
    assert set(NEEDED_BY["web"]) <= keys_of(render["reelwork-web"])
    assert set(NEEDED_BY["worker"]) <= keys_of(render["reelwork-worker"])


def test_render_s_worker_has_web_s_key_and_bucket(render: dict[str, Any]) -> None:
    for variable in render["reelwork-worker"]["envVars"]:
        source = variable.get("fromService", {})
        if source.get("type") == "web":
            assert source == {"type": "web", "name": "reelwork-web", "envVarKey": variable["key"]}
            assert variable["key"] in keys_of(render["reelwork-web"])


def test_railway_runs_the_three_commands(railway: dict[str, Any]) -> None:
    assert railway["web"]["preDeployCommand"] == [RELEASE]
    assert railway["web"]["startCommand"] == WEB
    assert railway["worker"]["startCommand"] == WORKER
    assert railway["web"]["healthcheckPath"] == "/healthz"


def test_heroku_s_form_asks_for_all_that_its_add_ons_do_not_bring(heroku: Any) -> None:
    from_add_ons = {"DATABASE_URL", "REDIS_URL"}

    assert [add_on.partition(":")[0] for add_on in heroku["addons"]] == ["heroku-postgresql", "heroku-redis"]
    assert set(NEEDED_BY["web"]) == from_add_ons | (set(NEEDED_BY["web"]) & set(heroku["env"]))
    assert set(heroku["formation"]) == {"web", "worker"}


def test_what_heroku_and_render_generate_is_a_key_that_is_taken(heroku: Any, render: dict[str, Any]) -> None:
    generated = {name for name, variable in heroku["env"].items() if variable.get("generator") == "secret"}
    by_render = {variable["key"] for variable in render["reelwork-web"]["envVars"] if variable.get("generateValue")}

    assert generated == by_render == {"ENCRYPTION_KEY", "ADMIN_KEY"}
    # 64 hex digits there, 32 bytes in standard base64 here.
    for made in ("0123456789abcdef" * 4, "+/ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno="):
        settings = load_settings(
            {
                **{"DATABASE_URL": "postgres://h/d", "REDIS_URL": "redis://h", "STORAGE_URL": "s3://b"},
                **{"ENCRYPTION_KEY": made, "ADMIN_KEY": made},
            }
        )
        assert len(settings.encryption_keys[0]) == 32


def test_only_known_variables_are_set_anywhere(compose: Any, render: dict[str, Any], heroku: Any) -> None:
    known = {name.upper() for name in Settings.model_fields}
    named = set(heroku["env"]) | keys_of(render["reelwork-web"]) | keys_of(render["reelwork-worker"])
    for service in ("migrate", "web", "worker"):
        named |= set(compose["services"][service]["environment"])

    assert named <= known


def test_every_platform_waits_longer_than_a_worker_takes_to_leave(
    compose: Any, render: dict[str, Any], railway: dict[str, Any]
) -> None:
    grace = Settings().shutdown_grace_seconds

    for service in ("web", "worker"):
        assert int(compose["services"][service]["stop_grace_period"].removesuffix("s")) > grace
        assert render[f"reelwork-{service}"]["maxShutdownDelaySeconds"] > grace
        assert railway[service]["drainingSeconds"] > grace
