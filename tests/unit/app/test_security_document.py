"""docs/security.md names files and tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "security.md").read_text()


def test_every_file_that_it_names_is_there() -> None:
    named = set(re.findall(r"`((?:app|config|db|media|providers|storage|tests|worker)/[\w/.]*)`", DOCUMENT))

    assert len(named) > 40
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_every_threat_has_a_test() -> None:
    table = DOCUMENT.partition("## Threats")[2].partition("\n\n")[2].partition("\n\n")[0].splitlines()[2:]

    assert len(table) > 15
    assert [line for line in table if "`tests/" not in line and "`make check`" not in line] == []
