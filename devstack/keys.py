"""The two secrets that every installation needs, made once for a local one and kept readable for its owner alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Keys:
    """ADMIN_KEY and ENCRYPTION_KEY."""

    admin: str = field(repr=False)
    encryption: str = field(repr=False)


def local_keys(home: Path, environment: Mapping[str, str]) -> Keys:
    """The keys of `environment`, else those in `home`, which are made if they are not there.

    `admin_key` always holds the key that counts, since the command line client reads it there. An ENCRYPTION_KEY from
    outside never overwrites the one in `home`: what that one sealed could not be opened again.
    """
    admin = environment.get("ADMIN_KEY") or _read(home / "admin_key") or secrets.token_hex(32)
    if admin != _read(home / "admin_key"):
        _write(home / "admin_key", admin)
    encryption = environment.get("ENCRYPTION_KEY") or _read(home / "encryption_key")
    if not encryption:
        encryption = secrets.token_hex(32)
        _write(home / "encryption_key", encryption)
    return Keys(admin, encryption)


def _read(path: Path) -> str:
    return path.read_text().strip() if path.exists() else ""


def _write(path: Path, value: str) -> None:
    """Replace the file in one step; nobody else can read it at any moment."""
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(value + "\n")
    unfinished.replace(path)
