import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PROMISED = ["run", "dev", "test", "check", "chaos", "bench", "test-compat", "clean", "reset", "help"]


def targets() -> set[str]:
    return set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text()))


def test_help_lists_every_target_with_a_sentence() -> None:
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    listed = set(re.findall(r"(?m)^  make ([a-z-]+) +\S", shown))

    assert listed == targets()
    assert set(PROMISED) <= listed


def test_help_is_what_make_does_when_it_is_told_nothing() -> None:
    bare = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert bare == subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_continuous_integration_runs_check_and_test() -> None:
    script = ROOT / ".ci" / "run"

    assert script.stat().st_mode & 0o100
    assert re.findall(r"(?m)^make (\S+)$", script.read_text()) == ["check", "test"]
