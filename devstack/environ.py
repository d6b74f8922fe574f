"""The environment of a local run: the process's own over what `.env` says. Empty means unset."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TRUE = ("1", "true", "yes", "on")
FALSE = ("0", "false", "no", "off")


def local_environment(folder: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """All variables that have a value; `.env` lies in `folder` and never overrides one that is exported."""
    merged = {**_written(folder / ".env"), **environ}
    return {name: value for name, value in merged.items() if value.strip()}


def home_directory(environment: Mapping[str, str], folder: Path) -> Path:
    """REELWORK_HOME, else `.reelwork` in `folder`."""
    return (folder / Path(environment.get("REELWORK_HOME", ".reelwork")).expanduser()).absolute()


def _written(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    from dotenv import dotenv_values  # not there before the environment is made

    values = dotenv_values(file, interpolate=False, encoding="utf-8-sig")
    return {name: value for name, value in values.items() if value}
