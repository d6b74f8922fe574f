"""A command on a terminal of its own, read by waiting for what it says."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[3]
DEADLINE_S = 30


class Terminal:
    """`text` is all that was said so far, without colours and movements."""

    def __init__(self, process: "subprocess.Popen[bytes]", screen: int) -> None:
        self.process = process
        self._screen = screen
        self._raw = b""

    @property
    def text(self) -> str:
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self._raw.decode(errors="replace")).replace("\r\n", "\n")

    def wait_for(self, words: str) -> None:
        """Read until `words` were said."""
        deadline = time.monotonic() + DEADLINE_S
        while words not in self.text:
            assert self._read(deadline - time.monotonic()), f"{words!r} was not said, but: {self.text}"

    def interrupt(self) -> None:
        """Ctrl-C."""
        os.kill(self.process.pid, signal.SIGINT)

    def end(self) -> int:
        """Read to the end; returns the exit code."""
        while self._read(DEADLINE_S):
            pass
        return self.process.wait(DEADLINE_S)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._screen], [], [], max(0.0, seconds))[0]:
            return False
        try:
            piece = os.read(self._screen, 65536)
        except OSError:
            return False
        self._raw += piece
        return bool(piece)


@contextmanager
def on_terminal(*words: str, **environment: str) -> Iterator[Terminal]:
    """Run `reelwork WORDS` on a new terminal, from the current directory."""
    screen, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "reelwork.cli", *words],
        stdin=side,
        stdout=side,
        stderr=side,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "PYTHONPATH": str(ROOT), **environment},
        start_new_session=True,
    )
    os.close(side)
    try:
        yield Terminal(process, screen)
    finally:
        process.kill()
        process.wait()
        os.close(screen)
