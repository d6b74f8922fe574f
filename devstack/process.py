"""One process of ours: executed without a shell, in a session of its own, its output handed on line by line."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress

from devstack.environ import ROOT
from devstack.plan import Part

LONGEST_LINE_BYTES = 64_000
LAST_WORDS_WITHIN_S = 1.0


class LinePipe:
    """The reading end of a pipe; whole lines go to `tell` as they come."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._rest = b""
        self._reading, self.writing = os.pipe()
        os.set_blocking(self._reading, False)
        self.ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._reading, self._read)

    def close_writing(self) -> None:
        """Drop our copy of the writing end: the process has its own."""
        os.close(self.writing)

    async def drain(self) -> None:
        """Hand on what is left; not for ever, since a grandchild may hold the pipe open."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), LAST_WORDS_WITHIN_S)
        self._end()

    def _read(self) -> None:
        try:
            piece = os.read(self._reading, LONGEST_LINE_BYTES)
        except BlockingIOError:
            return
        if not piece:
            self._end()
            return
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > LONGEST_LINE_BYTES:
            lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            self._tell(line.decode(errors="replace").rstrip("\r"))

    def _end(self) -> None:
        if self.ended.is_set() and self._reading < 0:
            return
        if self._rest:
            self._tell(self._rest.decode(errors="replace"))
            self._rest = b""
        if self._reading >= 0:
            asyncio.get_running_loop().remove_reader(self._reading)
            os.close(self._reading)
            self._reading = -1
        self.ended.set()


async def run_process(part: Part, tell: Callable[[str], None], started: Callable[[int], None]) -> int:
    """Run `part` to its end; its exit code, negative for a signal. Nothing of its session is left.

    `started` is told the process id. Cancelling kills the process.
    """
    pipe = LinePipe(tell)
    process: asyncio.subprocess.Process | None = None
    try:
        try:
            process = await asyncio.create_subprocess_exec(
                *part.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=pipe.writing,
                stderr=pipe.writing,
                cwd=ROOT,
                env=dict(part.environment),
                start_new_session=True,
            )
        finally:
            pipe.close_writing()
        started(process.pid)
        return await process.wait()
    finally:
        if process is not None:
            signal_session(process.pid, signal.SIGKILL)
            await process.wait()
        await pipe.drain()


def signal_session(pid: int, number: signal.Signals) -> None:
    """Send a signal to all processes of the session that `pid` leads, if there are any."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def describe_exit(code: int) -> str:
    """An exit code in words."""
    if code < 0:
        with suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
