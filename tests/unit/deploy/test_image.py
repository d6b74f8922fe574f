"""The image: what is in it, who it runs as, and that it is built from the lock."""

import ast
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROOMS = {
    "app",
    "config",
    "db",
    "devstack",
    "jobqueue",
    "media",
    "observing",
    "providers",
    "reelwork",
    "storage",
    "worker",
    "bench",
}
APACHE_2_0 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"

Dockerfile = list[tuple[str, str]]


def allowed_in() -> set[str]:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    return {line.removeprefix("!") for line in lines if line.startswith("!")}


def rooms_imported_by(room: str) -> Iterator[str]:
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=names):
                    yield from (name.name.partition(".")[0] for name in names)
                case ast.ImportFrom(module=str(module), level=0):
                    yield module.partition(".")[0]


def test_everything_is_left_out_but_what_is_named() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if not line.startswith("#")]

    assert lines[0] == "*"
    assert not {".env", ".", "tests", ".git", ".reelwork"} & allowed_in()


def test_every_room_that_the_three_commands_import_is_in_the_image() -> None:
    seen: set[str] = set()
    waiting = {"app", "worker", "db"}
    while waiting:
        room = waiting.pop()
        seen.add(room)
        waiting |= (set(rooms_imported_by(room)) & ROOMS) - seen

    assert seen <= allowed_in()


def test_what_the_image_is_built_from_is_there() -> None:
    assert all((ROOT / name).exists() for name in allowed_in())


def test_packages_come_from_the_lock_with_their_hashes(dockerfile: Dockerfile) -> None:
    (install,) = [text for word, text in dockerfile if word == "RUN" and "pip install" in text]

    assert "--require-hashes" in install
    assert "server.lock" in install
    assert ("COPY", "requirements/server.lock /tmp/server.lock") in dockerfile


def test_the_image_runs_as_an_ordinary_user(dockerfile: Dockerfile) -> None:
    users = [text for word, text in dockerfile if word == "USER"]

    assert users == ["reelwork"]
    assert [word for word, _ in dockerfile if word in ("FROM", "USER", "CMD")] == ["FROM", "FROM", "USER", "CMD"]


def test_the_image_knows_its_health_and_starts_web_by_default(dockerfile: Dockerfile) -> None:
    (health,) = [text for word, text in dockerfile if word == "HEALTHCHECK"]

    assert health.endswith('CMD ["sh", "scripts/container-health.sh"]')
    assert dockerfile[-1] == ("CMD", '["python", "-m", "app"]')


def test_our_folders_win_over_installed_packages_of_the_same_name(dockerfile: Dockerfile) -> None:
    (environment,) = [text for word, text in dockerfile if word == "ENV"]

    assert "PYTHONPATH=." in environment
    assert ("WORKDIR", "/app") in dockerfile


def test_image_and_heroku_run_the_same_python(dockerfile: Dockerfile) -> None:
    (base,) = [text for word, text in dockerfile if word == "ARG"]

    assert re.search(r"python:([\d.]+)-slim", base)[1] == (ROOT / ".python-version").read_text().strip()  # type: ignore[index]


def test_heroku_installs_the_same_lock_as_the_image() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()

    assert [line for line in lines if not line.startswith("#")] == ["-r requirements/server.lock"]


def test_the_licence_is_the_whole_apache_2_0_text() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2_0
