"""A process learns of everything that is wrong with its settings at once, and never sees a value repeated."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import Settings, SettingsError, load_settings

ROOT = Path(__file__).parents[3]


def variables_of(error: SettingsError) -> list[str]:
    return [problem.variable for problem in error.problems]


def test_the_least_environment_of_each_role_is_enough(needed: dict[str, str]) -> None:
    worker = {name: value for name, value in needed.items() if name != "ADMIN_KEY"}

    load_settings(needed, role="web")
    load_settings(worker, role="worker")
    load_settings({"DATABASE_URL": needed["DATABASE_URL"]}, role="release")
    load_settings({"DIRECT_DATABASE_URL": needed["DATABASE_URL"]}, role="release")


def test_all_missing_variables_are_named_in_one_message() -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings({})

    assert variables_of(raised.value) == ["ADMIN_KEY", "DATABASE_URL", "ENCRYPTION_KEY", "REDIS_URL", "STORAGE_URL"]
    assert all(f"  {name} is not set. Set it: " in str(raised.value) for name in variables_of(raised.value))


def test_missing_malformed_and_impossible_ones_are_told_together(needed: dict[str, str]) -> None:
    del needed["REDIS_URL"]
    needed |= {"LEASE_SECONDS": "5", "PORT": "eighty", "LOG_FORMAT": "xml", "DYNO": "web.1", "STORAGE_URL": "file:///v"}

    with pytest.raises(SettingsError) as raised:
        load_settings(needed)

    assert variables_of(raised.value) == ["LEASE_SECONDS", "LOG_FORMAT", "PORT", "REDIS_URL", "STORAGE_URL"]


def test_an_empty_variable_counts_as_unset(needed: dict[str, str]) -> None:
    settings = load_settings({**needed, "LEASE_SECONDS": "", "OPENAI_API_KEY": "  ", "PUBLIC_URL": ""})

    assert settings.lease_seconds == 10
    assert settings.openai_api_key is None
    assert settings.public_url is None


def test_an_empty_needed_variable_counts_as_missing(needed: dict[str, str]) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings({**needed, "ADMIN_KEY": ""})

    assert variables_of(raised.value) == ["ADMIN_KEY"]


def test_no_message_holds_any_part_of_a_value(needed: dict[str, str]) -> None:
    bad = dict.fromkeys((field.upper() for field in Settings.model_fields), "hunter2-hunter2")
    bad |= {
        "DATABASE_URL": "postgres://u:hunter2@h:port/d",
        "OPENAI_VIDEOS_SERVERS": '{"a": {"url": "hunter2", "x": 1}}',
    }
    bad |= {"GOOGLE_CREDENTIALS_JSON": '"hunter2"', "MODEL_SUCCESSORS": "hunter2=hunter2"}

    with pytest.raises(SettingsError) as raised:
        load_settings(bad)

    assert "hunter2" not in str(raised.value)
    assert len(raised.value.problems) > 40


def test_a_representation_of_settings_shows_no_secret(needed: dict[str, str]) -> None:
    settings = load_settings(
        {**needed, "OPENAI_API_KEY": "sk-a-key-of-openai", "SENTRY_DSN": "https://dsn@sentry.test/1"}
    )

    shown = repr(settings) + str(settings)

    assert not [secret for secret in settings.secret_values() if secret and secret in shown]


def test_only_the_given_environment_is_read(needed: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEASE_SECONDS", "77")

    assert load_settings(needed).lease_seconds == 10
    assert Settings().lease_seconds == 10


@pytest.mark.parametrize(
    ("bad", "named"),
    [
        ({"HEARTBEAT_SECONDS": "5"}, "LEASE_SECONDS"),
        ({"SUBMIT_TIMEOUT_SECONDS": "1800"}, "GENERATION_TIMEOUT_SECONDS"),
        ({"SUBMIT_DEADLINE_SECONDS": "30"}, "SUBMIT_DEADLINE_SECONDS"),
        ({"AWS_ACCESS_KEY_ID": "AKIA"}, "AWS_SECRET_ACCESS_KEY"),
        ({"AWS_SECRET_ACCESS_KEY": "x"}, "AWS_ACCESS_KEY_ID"),
        ({"OPENAI_MODELS": "*"}, "OPENAI_DEFAULT_PRICE_USD_PER_SECOND"),
        ({"REELWORK_CATALOGUE": "/no/such/file.toml"}, "REELWORK_CATALOGUE"),
        ({"VERTEX_BASE_URL": "http://127.0.0.1:9"}, "GOOGLE_CLOUD_PROJECT_ID"),
        ({"GOOGLE_APPLICATION_CREDENTIALS": "/no/such/file.json"}, "GOOGLE_APPLICATION_CREDENTIALS"),
        ({"GOOGLE_CREDENTIALS_JSON": "not a credential"}, "GOOGLE_CREDENTIALS_JSON"),
        ({"OPENAI_VIDEOS_SERVERS": '{"lab": {"url": "http://lab/v1", "keyEnv": "LAB_KEY"}}'}, "LAB_KEY"),
    ],
)
def test_what_cannot_work_together_is_refused(needed: dict[str, str], bad: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings({**needed, **bad})

    assert variables_of(raised.value) == [named]


def test_a_worker_needs_no_provider_key_of_the_environment(needed: dict[str, str]) -> None:
    named = {"OPENAI_VIDEOS_SERVERS": '{"lab": {"url": "http://lab/v1", "keyEnv": "LAB_KEY"}}'}

    settings = load_settings({**needed, **named, "GOOGLE_APPLICATION_CREDENTIALS": "/no/such/file"}, role="worker")

    assert settings.openai_videos_servers["lab"].key is None


def test_migrations_behind_a_pooler_ask_for_the_direct_address(needed: dict[str, str]) -> None:
    pooled = {"DATABASE_URL": needed["DATABASE_URL"], "DB_POOLER": "transaction"}

    with pytest.raises(SettingsError) as raised:
        load_settings(pooled, role="release")

    assert variables_of(raised.value) == ["DIRECT_DATABASE_URL"]


def test_an_entry_point_prints_the_message_and_exits_1() -> None:
    script = "from config.settings import load_settings_or_exit; load_settings_or_exit('worker')"
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}

    ended = subprocess.run(
        [sys.executable, "-c", script], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith("Reelwork cannot start: 4 settings to mend")
    assert "Traceback" not in ended.stderr
