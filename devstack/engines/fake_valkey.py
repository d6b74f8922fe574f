"""The last resort where no Valkey or Redis can run: fakeredis behind a TCP port, in a thread of ours.

It keeps nothing, so `kill` and `stop` lose all keys. Good enough to try Reelwork, not to judge its speed.
"""

from __future__ import annotations

import threading
from importlib.util import find_spec
from typing import Any

from devstack.engines.ports import pick_port
from devstack.errors import EngineMissing


class FakeValkeyServer:
    """A stand-in with the calls of a Server. Raises EngineMissing if fakeredis is not installed either."""

    name = "valkey"

    def __init__(self) -> None:
        if find_spec("fakeredis") is None:
            raise EngineMissing(
                "No Valkey or Redis here: there is no wheel with one for this system and none is installed. "
                "Set REDIS_URL to one that runs elsewhere, or install valkey or redis."
            )
        self.port = pick_port()
        self._server: Any = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int | None:
        """None: it has no process of its own."""
        return None

    @property
    def is_running(self) -> bool:
        """Whether it serves."""
        return self._server is not None

    def start(self) -> None:
        """Serve, on the same port each time."""
        if self._server is None:
            from fakeredis import TcpFakeServer

            TcpFakeServer.allow_reuse_address = True
            self._server = TcpFakeServer(("127.0.0.1", self.port), server_type="valkey")
            threading.Thread(target=self._server.serve_forever, name="fake-valkey", daemon=True).start()

    def stop(self) -> None:
        """Stop serving and forget everything."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    kill = stop

    def pause(self) -> None:
        """Not possible: it shares our process."""
        raise NotImplementedError("fakeredis cannot be paused")

    resume = pause
