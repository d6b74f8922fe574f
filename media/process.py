"""One child process, asked one thing at a time."""

import asyncio
import contextlib
import json
import os
import sys
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_SCRIPT = Path(__file__).with_name("child.py")
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR")


class ChildGone(Exception):
    """The child ended without an answer. `code` is 0 if it left on its own because it had nothing to do."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the media process ended with {code}")
        self.code = code


class Child:
    """A running child. After anything but an answer it must be killed, since it may still be at work."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, idle: timedelta) -> "Child":
        """Raises OSError where no process can be started."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(_SCRIPT),
            _folder_of_pyav(),
            str(idle.total_seconds()),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=_environment(),
        )
        return cls(process)

    @property
    def has_ended(self) -> bool:
        return self._process.returncode is not None

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to one request. Raises ChildGone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        line = b""
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            await self._process.stdin.drain()
            line = await self._process.stdout.readline()
        if not line.endswith(b"\n"):
            raise ChildGone(await self._process.wait())
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def kill(self) -> None:
        """End the child whatever it does, and wait until it is gone."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()


def _folder_of_pyav() -> str:
    # Told by path, since the child ignores PYTHONPATH and the like; this does not import PyAV.
    spec = find_spec("av")
    return str(Path(spec.origin).parent.parent) if spec and spec.origin else ""


def _environment() -> dict[str, str]:
    """What an interpreter may need to start; keys and passwords stay out of reach of a hostile video."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}  # noqa: TID251 - not settings of ours
