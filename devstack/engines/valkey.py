"""Valkey (or Redis) on one directory, with a password, listening on loopback alone."""

from __future__ import annotations

import secrets
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import ClassVar

from devstack.engines.binaries import Program, reachable_program
from devstack.engines.server import Seat, Server

# Older servers cannot be told to leave their process title alone.
KEEPS_TITLE_SINCE = 7


class ValkeyServer(Server):
    """The server whose files lie in `valkey` of the seat."""

    name: ClassVar[str] = "valkey"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM
    passing_troubles: ClassVar[tuple[str, ...]] = ("Address already in use", "Failed listening")

    def __init__(self, seat: Seat, found: Program) -> None:
        super().__init__(seat, seat.base / "valkey")
        self._major = found.major
        self.stop_remembered()  # before its program's copy is written anew
        self._program = reachable_program(found.path, seat.identity, seat.base / "valkey-programs")
        self._password = seat.state.get_str("password") or secrets.token_urlsafe(18)
        seat.state.save({"password": self._password})

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def clear_leftovers(self) -> None:
        """Stop the server that an earlier run saved, and make the directory."""
        self.stop_remembered()
        self.directory.mkdir(mode=0o700, exist_ok=True)
        self.seat.identity.own(self.directory)

    def arguments(self) -> Sequence[object]:
        title = ["--set-proc-title", "no"] if self._major >= KEEPS_TITLE_SINCE else []
        return [self._program, "-", "--dir", self.directory, "--port", self.port, *title]

    def standard_input(self) -> bytes:
        journal = "yes" if self.seat.durable else "no"
        return f'bind 127.0.0.1\nrequirepass {self._password}\nsave ""\nappendonly {journal}\n'.encode()

    def answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
            connection.sendall(f"AUTH {self._password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (part := connection.recv(100)):
                answer += part
            return answer == b"+OK\r\n+PONG\r\n"  # while it loads its journal, PING is refused
        return False

    def _start_once(self) -> None:
        super()._start_once()
        keeps_title = self._major >= KEEPS_TITLE_SINCE
        self.remember_leftover(str(self.directory) if keeps_title else f"127.0.0.1:{self.port}")
