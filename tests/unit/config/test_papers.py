"""`.env.example` and `docs/settings.md` name exactly the variables that are read, with their defaults."""

import re
from pathlib import Path

import pytest

from config.settings import Settings, load_settings

ROOT = Path(__file__).parents[3]
# Set by the local supervisor on the processes it starts, never by a person.
INTERNAL = {"REELWORK_SIMULATED"}
LOCAL_ONLY = {"WORKERS", "SAMPLE", "ONCE", "SIMULATOR", "REELWORK_HOME"}
# What the rooms read in another form: a property of the settings, or a check.
TURNED_BY_CONFIG = {
    *("DIRECT_DATABASE_URL", "ENCRYPTION_KEY", "STORAGE_SHARED"),
    *("OPENAI_MODELS", "OPENAI_DEFAULT_PRICE_USD_PER_SECOND"),
}
VARIABLES = {name.upper() for name in Settings.model_fields} - INTERNAL


@pytest.fixture
def accounts_read() -> set[str]:
    """Variables that become provider accounts."""
    return {name.upper() for name in re.findall(r"settings\.(\w+)", (ROOT / "config" / "accounts.py").read_text())}


@pytest.fixture
def example() -> dict[str, str]:
    """Variable and default as `.env.example` has them, commented out or not."""
    text = (ROOT / ".env.example").read_text()
    return dict(re.findall(r"^#?([A-Z0-9_]+)=(.*)$", text, flags=re.MULTILINE))


@pytest.fixture
def documented() -> dict[str, str]:
    """Variable and default as the tables of `docs/settings.md` have them."""
    text = (ROOT / "docs" / "settings.md").read_text()
    return dict(re.findall(r"^\| `([A-Z0-9_]+)`(?: \(secret\))? \| `?([^`|]*?)`? \|", text, flags=re.MULTILINE))


def test_the_example_names_exactly_the_variables_that_are_read(example: dict[str, str]) -> None:
    assert set(example) == VARIABLES | LOCAL_ONLY


def test_the_page_names_exactly_the_variables_that_are_read(documented: dict[str, str]) -> None:
    assert set(documented) == VARIABLES | LOCAL_ONLY


def test_example_and_page_show_the_same_defaults(example: dict[str, str], documented: dict[str, str]) -> None:
    assert example == {name: default.strip() for name, default in documented.items()}


def test_the_shown_defaults_are_the_real_ones(example: dict[str, str], needed: dict[str, str]) -> None:
    shown = load_settings({**example, **needed})
    real = load_settings(needed)

    assert shown == real
    unset = {name for name in VARIABLES - set(needed) if not example[name]}
    optional = {name.upper() for name, field in Settings.model_fields.items() if not field.default}
    assert unset - optional == {"WORK_DIR"}


def test_the_page_says_which_variables_have_no_effect_yet(accounts_read: set[str]) -> None:
    rooms = ("app", "worker", "observing", "db", "jobqueue")
    code = "".join(path.read_text(encoding="utf-8") for room in rooms for path in (ROOT / room).rglob("*.py"))
    unread = {name for name in VARIABLES if not re.search(rf"settings\.{name.lower()}\b", code)}
    page = (ROOT / "docs" / "settings.md").read_text()

    _, _, listed = page.partition("without effect in this release:")
    assert set(re.findall(r"`([A-Z_]+)`", listed.partition("\n\n")[0])) == unread - accounts_read - TURNED_BY_CONFIG


def test_every_secret_is_marked_in_both(needed: dict[str, str]) -> None:
    secrets = {name.upper() for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    secrets |= {name.upper() for name, field in Settings.model_fields.items() if not field.repr}
    page = (ROOT / "docs" / "settings.md").read_text()
    example = (ROOT / ".env.example").read_text()

    assert set(re.findall(r"^\| `([A-Z0-9_]+)` \(secret\)", page, flags=re.MULTILINE)) == secrets
    marked = re.findall(r"^# \(secret\)[^\n]*\n(?:# [^\n]*\n)*#?([A-Z0-9_]+)=", example, flags=re.MULTILINE)
    assert set(marked) == secrets
