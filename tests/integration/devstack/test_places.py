"""Where servers and their programs are, when the obvious place is closed to the user they run as."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from devstack.engines import elsewhere, open_engines
from devstack.engines.binaries import find_postgres, find_valkey, reachable_installation, reachable_program
from devstack.engines.identity import Identity
from devstack.engines.leftovers import command_line
from devstack.reset import reset


class Outsider(Identity):
    """A user who can run nothing where it lies now."""

    def can_run(self, program: Path) -> bool:
        return False


def test_below_a_closed_directory_the_servers_run_where_their_user_can_enter(short_tmp: Path) -> None:
    closed = short_tmp / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "home"

    with open_engines(home, durable=False) as engines:
        assert engines.postgres is not None
        data = Path(command_line(engines.postgres.pid or 0).split(" -D ")[1].split()[0])
        # An ordinary user runs the servers himself; root hands them to somebody who cannot come in.
        assert data.parent == (elsewhere(home) if os.geteuid() == 0 else home)
        assert data.stat().st_mode & 0o777 == 0o700

    assert closed.stat().st_mode & 0o777 == 0o700
    reset(home)
    assert not elsewhere(home).exists()
    assert not home.exists()


def test_programs_that_cannot_be_reached_are_copied_with_what_they_need(tmp_path: Path) -> None:
    found = find_postgres()
    before = os.umask(0o077)
    try:
        copy = reachable_installation(found.path, Outsider(), tmp_path / "copies")
    finally:
        os.umask(before)

    assert copy.is_relative_to(tmp_path)
    asked = subprocess.run([copy, "--version"], capture_output=True, text=True, check=True)
    assert f" {found.major}" in asked.stdout
    assert all(path.stat().st_mode & 0o004 for path in copy.parent.parent.rglob("*") if path.is_file())
    assert reachable_installation(found.path, Outsider(), tmp_path / "copies") == copy


def test_a_single_program_is_copied_alone(tmp_path: Path) -> None:
    found = find_valkey()
    assert found is not None

    copy = reachable_program(found.path, Outsider(), tmp_path / "copies")

    assert [path.name for path in (tmp_path / "copies").iterdir()] == [found.path.name]
    assert subprocess.run([copy, "--version"], capture_output=True, check=False).returncode == 0


def test_reset_removes_nothing_that_make_run_did_not_make(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("all my work")

    try:
        reset(precious)
    except ValueError as error:
        assert "was not made by `make run`" in str(error)

    assert (precious / "thesis.txt").exists()
    assert not reset(tmp_path / "nowhere")
    shutil.rmtree(precious)
