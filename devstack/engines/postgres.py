"""PostgreSQL on one directory: initialised once with a random password, listening on loopback TCP alone."""

from __future__ import annotations

import secrets
import shutil
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from devstack.engines.binaries import find_postgres, reachable_installation
from devstack.engines.leftovers import is_alive, stop_leftover
from devstack.engines.server import Seat, Server
from devstack.errors import EngineFailed

DATABASE = "reelwork"
SUPERUSER = "postgres"
SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "shared_buffers=64MB",
    "max_connections=300",
    "timezone=UTC",
    "log_timezone=UTC",
)
# Safe against a killed process, not against a power cut: right for data that a test throws away.
FORGETFUL_SETTINGS = ("fsync=off", "full_page_writes=off", "autovacuum_naptime=10min")


class PostgresServer(Server):
    """The server whose files lie in `pg<major>` of the seat: another major version gets its own directory."""

    name: ClassVar[str] = "postgres"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # "fast": ends sessions, writes a checkpoint
    passing_troubles: ClassVar[tuple[str, ...]] = (
        "Address already in use",
        "could not bind",
        "shared memory block",  # after a kill, until the last session has noticed
        "lock file",
    )

    def __init__(self, seat: Seat) -> None:
        found = find_postgres()
        super().__init__(seat, seat.base / f"pg{found.major}")
        self._program = reachable_installation(found.path, seat.identity, seat.base / "postgres-programs")
        self._password = seat.state.get_str("password") or secrets.token_urlsafe(18)
        # Saved before initdb uses it: a start that fails half-way must not lock the next one out.
        seat.state.save({"password": self._password})

    @property
    def url(self) -> str:
        return self.url_for(DATABASE)

    def url_for(self, database: str) -> str:
        """The same server, another database."""
        return f"postgresql://{SUPERUSER}:{self._password}@127.0.0.1:{self.port}/{database}"

    def clear_leftovers(self) -> None:
        """Stop a server that still runs here, and remove its pid file if that id now is another process's."""
        pid_file = self.directory / "postmaster.pid"
        with suppress(FileNotFoundError, ValueError, IndexError):
            pid = int(pid_file.read_text().splitlines()[0])
            stop_leftover(pid, str(self.directory), (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL))
            if not is_alive(pid, str(self.directory)):
                pid_file.unlink()

    def start(self) -> None:
        if not (self.directory / "PG_VERSION").exists():
            self._initialise()
        super().start()

    def arguments(self) -> Sequence[object]:
        settings = SETTINGS if self.seat.durable else (*SETTINGS, *FORGETFUL_SETTINGS)
        options = [word for setting in settings for word in ("-c", setting)]
        return [self._program, "-D", self.directory, "-p", self.port, *options]

    def answers(self) -> bool:
        with suppress(OSError, IndexError, ValueError):
            lines = (self.directory / "postmaster.pid").read_text().splitlines()
            return int(lines[0]) == self.pid and lines[7].strip() == "ready"
        return False

    def _start_once(self) -> None:
        super()._start_once()
        self.remember_leftover(str(self.directory))

    def _initialise(self) -> None:
        """Make the data directory, with our database in it, under another name; it gets its own when it is whole."""
        unfinished = self.directory.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        self.seat.identity.own(unfinished)
        password_file = self.seat.base / "initial-password"
        password_file.touch(mode=0o600)
        try:
            password_file.write_text(self._password + "\n")
            self.seat.identity.own(password_file)
            self._run("initdb", self._initdb_arguments(unfinished, password_file), None)
        finally:
            password_file.unlink()
        single_user = [self._program, "--single", "-D", unfinished, "postgres"]
        self._run("postgres --single", single_user, f"CREATE DATABASE {DATABASE}\n".encode())
        unfinished.rename(self.directory)

    def _initdb_arguments(self, directory: Path, password_file: Path) -> list[object]:
        fixed = ["-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-instructions"]
        quick = [] if self.seat.durable else ["--no-sync", "--wal-segsize=1"]
        initdb = self._program.with_name("initdb")
        return [initdb, "-D", directory, "-U", SUPERUSER, f"--pwfile={password_file}", *fixed, *quick]

    def _run(self, what: str, arguments: Sequence[object], given: bytes | None) -> None:
        log = self.seat.logs / "initdb.log"
        if code := self.spawn(arguments, given, log).wait():
            raise EngineFailed(what, f"exited with {code}", log.read_text(errors="replace")[-2000:])
