"""The deployment files, parsed."""

import json
import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]


@pytest.fixture
def procfile() -> dict[str, str]:
    """Process type and command."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


@pytest.fixture
def dockerfile() -> list[tuple[str, str]]:
    """Instruction and arguments, continued lines joined."""
    text = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


@pytest.fixture
def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


@pytest.fixture
def render() -> dict[str, Any]:
    """The blueprint's services by name."""
    blueprint = yaml.safe_load((ROOT / "render.yaml").read_text())
    return {service["name"]: service for service in blueprint["services"]}


@pytest.fixture
def heroku() -> Any:
    return json.loads((ROOT / "app.json").read_text())


@pytest.fixture
def railway() -> dict[str, Any]:
    """The deploy section of web and worker."""
    files = {"web": "railway.json", "worker": "railway.worker.json"}
    return {role: json.loads((ROOT / name).read_text())["deploy"] for role, name in files.items()}


@pytest.fixture
def stand_in_python(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a folder for PATH whose `python` runs the given shell text instead."""

    def make(text: str) -> Path:
        folder = tmp_path / "bin"
        folder.mkdir()
        script = folder / "python"
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        return folder

    return make
