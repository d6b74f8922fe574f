from pathlib import Path

import pytest

from devstack.environ import local_environment
from devstack.errors import StartFailed
from devstack.options import PROVIDER_VARIABLES, Options, read_options


def options(**variables: str) -> Options:
    return read_options(variables, Path("/checkout"))


def test_without_any_provider_the_simulator_serves_and_the_sample_is_submitted() -> None:
    bare = options()

    assert bare.simulated
    assert bare.submits_sample
    assert bare.port == 8000
    assert bare.workers == 1
    assert bare.home == Path("/checkout/.reelwork")


@pytest.mark.parametrize("variable", PROVIDER_VARIABLES)
def test_any_provider_variable_keeps_the_simulator_and_the_sample_away(variable: str) -> None:
    real = options(**{variable: "x"})

    assert not real.simulated
    assert not real.submits_sample


def test_an_empty_provider_variable_counts_as_none() -> None:
    assert options(GEMINI_API_KEY="").simulated


def test_sample_1_submits_to_real_providers_and_sample_0_never() -> None:
    assert options(GEMINI_API_KEY="x", SAMPLE="1").submits_sample
    assert not options(SAMPLE="0").submits_sample


def test_simulator_1_stands_for_all_providers_whatever_is_set() -> None:
    forced = options(GEMINI_API_KEY="x", SIMULATOR="1")

    assert forced.simulated
    assert forced.submits_sample


@pytest.mark.parametrize(
    ("name", "value"), [("PORT", "80a"), ("PORT", "70000"), ("WORKERS", "0"), ("ONCE", "maybe"), ("SAMPLE", "2")]
)
def test_a_malformed_variable_is_named(name: str, value: str) -> None:
    with pytest.raises(StartFailed, match=name):
        options(**{name: value})


def test_the_grace_is_what_the_processes_grant_themselves_and_a_little_more() -> None:
    assert options().grace_s == 30
    assert options(SHUTDOWN_GRACE_SECONDS="3").grace_s == 8


def test_dotenv_fills_in_what_is_not_exported(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9000\nWORKERS=2\nSAMPLE=\nPRICE='$5'\n")

    merged = local_environment(tmp_path, {"PORT": "9100", "ONCE": ""})

    assert merged == {"PORT": "9100", "WORKERS": "2", "PRICE": "$5"}


def test_an_exported_empty_variable_silences_the_one_in_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("GEMINI_API_KEY=secret\n")

    assert local_environment(tmp_path, {"GEMINI_API_KEY": ""}) == {}
