import re
import subprocess
from pathlib import Path

from devstack.bootstrap import ENGINE_WHEELS, LOCKS, ROOT, without


def pins(name: str) -> set[str]:
    return set(re.findall(r"(?m)^\S+==\S+.*?(?= \\$)", (LOCKS / f"{name}.lock").read_text()))


def test_locks_hold_hashes_for_everything_and_no_address() -> None:
    for lock in LOCKS.glob("*.lock"):
        text = lock.read_text()
        assert "://" not in text
        entries = re.split(r"(?m)^(?=\S)", text)
        assert all("--hash=sha256:" in entry for entry in entries if entry.strip()), lock


def test_what_is_run_and_deployed_is_what_is_tested() -> None:
    assert pins("run") <= pins("dev")
    assert pins("server") <= pins("dev")


def test_a_lock_can_do_without_the_engines_where_they_have_no_wheel() -> None:
    lock = (LOCKS / "run.lock").read_text()

    thinned = without(lock, ENGINE_WHEELS)

    names = re.findall(r"(?m)^([a-z0-9-]+)", lock)
    assert set(ENGINE_WHEELS) <= set(names)
    assert re.findall(r"(?m)^([a-z0-9-]+)", thinned) == [name for name in names if name not in ENGINE_WHEELS]


def find_python(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(folder)}
    script = ["/bin/sh", str(ROOT / "devstack" / "find-python.sh")]
    return subprocess.run(script, env=environment, capture_output=True, text=True, check=False)


def pretend_python(folder: Path, name: str, *, good: bool) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n[ \"$1\" = --version ] && echo 'Python 3.9.2' && exit 0\nexit {0 if good else 1}\n")
    program.chmod(0o755)


def test_the_first_python_that_is_new_enough_is_taken(tmp_path: Path) -> None:
    pretend_python(tmp_path, "python3", good=False)
    pretend_python(tmp_path, "python3.12", good=True)

    found = find_python(tmp_path)

    assert found.stdout.strip() == str(tmp_path / "python3.12")
    assert found.returncode == 0


def test_without_a_python_that_is_new_enough_it_says_so(tmp_path: Path) -> None:
    pretend_python(tmp_path, "python3", good=False)

    found = find_python(tmp_path)

    assert found.returncode == 1
    assert "Python 3.11 or later" in found.stderr
    assert "Python 3.9.2" in found.stderr
