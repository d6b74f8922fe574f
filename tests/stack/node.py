"""Node and the packages that a folder's lock file pins. A machine without them misses these tests, CI may not."""

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

PATIENCE_S = 240


def node_with(folder: Path) -> str:
    """The command, once the packages of `folder` are installed there."""
    command = shutil.which("node")
    if command is None or shutil.which("npm") is None:
        _missing("Node and npm are not installed")
    stamp, lock = folder / "node_modules" / ".lock-of-these", folder / "package-lock.json"
    with lock.open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
            install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S)
            if done.returncode:
                _missing(f"npm could not install what {folder.name} needs: {done.stderr[-500:]}")
            shutil.copyfile(lock, stamp)
    return str(command)


def run(node: str, *arguments: str, cwd: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """One run of Node in a folder, with these variables and no others."""
    environment = {"PATH": os.environ["PATH"], **variables}
    return subprocess.run(
        [node, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, timeout=PATIENCE_S
    )


def _missing(why: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(f"{why}: the tests with Node do not run")
