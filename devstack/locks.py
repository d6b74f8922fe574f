"""`make lock`: writes requirements/*.lock from pyproject.toml.

A lock holds versions and hashes for all systems and no address, so that it can be installed from any mirror. What is
already locked stays at its version; delete a lock first to bring everything in it up to date.
"""

from __future__ import annotations

import subprocess
import sys

from devstack.bootstrap import LOCKS, ROOT, find_uv, say

COMPILE = (
    *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
    *("--generate-hashes", "--no-header", "--no-annotate"),
)
PROJECT = ("pyproject.toml", "--group", "server")
LOCAL = (*PROJECT, "--extra", "simulator", "--group", "embedded")
SOURCES = {
    "dev": (*LOCAL, "--group", "dev", "--group", "compat"),
    "run": LOCAL,
    "server": PROJECT,
    "litellm": ("--group", "pyproject.toml:litellm"),  # an environment of its own: it wants an older `rich`
    "uv": ("-",),
}


def main() -> int:
    """Write all locks; the exit code."""
    uv = find_uv()
    if uv is None:
        say("uv is needed to write the locks, and could not be installed")
        return 1
    for name, sources in SOURCES.items():
        target = LOCKS / f"{name}.lock"
        say(f"writing {target.relative_to(ROOT)}")
        # The smaller sets are locked to what the tests run with.
        same = ("--constraints", str(LOCKS / "dev.lock")) if name in ("run", "server") else ()
        command = [str(uv), *COMPILE, "--output-file", str(target), *sources, *same]
        if subprocess.run(command, cwd=ROOT, input=b"uv\n", check=False, stdout=subprocess.DEVNULL).returncode:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
