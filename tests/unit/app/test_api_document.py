"""docs/api.md shows every call and every code there is."""

import re
from pathlib import Path

from starlette.routing import Route

from app.presets import PRESETS
from app.routes import all_routes

ROOT = Path(__file__).parents[3]
DOCUMENT = (ROOT / "docs" / "api.md").read_text()


def test_every_path_is_shown_with_curl() -> None:
    shown = {re.sub(r"\$[A-Z_]+", "{}", path) for path in re.findall(r"curl.*?\$URL(/[^\s\"?]*)", DOCUMENT)}
    shapes = {re.sub(r"film-1", "{}", path) for path in shown}

    for route in all_routes():
        assert isinstance(route, Route)
        shape = re.sub(r"\{[^}]*\}", "{}", route.path)
        if route.path in ("/files/{key:path}",):
            assert any(path.startswith("/files/") for path in shown)
        else:
            assert shape in shapes, route.path


def test_every_code_of_a_refusal_is_in_the_table() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "app").rglob("*.py"))
    raised = set(re.findall(r"Problem\(\s*HTTPStatus\.[A-Z_]+,\s*\"([a-z_]+)\"", sources))

    assert raised
    assert {code for code in raised if f"`{code}`" not in DOCUMENT} == set()


def test_every_preset_is_named() -> None:
    assert {key for key in PRESETS if f"`{key}`" not in DOCUMENT} == set()
