"""The installed package stands alone, and importing it costs nothing."""

import subprocess
import sys
import tomllib
from pathlib import Path

import reelwork

ROOT = Path(reelwork.__file__).parents[1]
ROOMS = ("app", "worker", "devstack", "observing", "jobqueue", "db", "providers", "storage", "media", "config")


def modules_after(statement: str) -> set[str]:
    script = f"import sys\n{statement}\nprint('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_the_wheel_holds_the_client_package_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    assert project["tool"]["hatch"]["build"]["targets"]["wheel"] == {"packages": ["reelwork"]}
    assert project["project"]["scripts"] == {"reelwork": "reelwork.cli:main"}
    assert project["project"]["version"] == reelwork.__version__
    assert (ROOT / "reelwork" / "py.typed").is_file()


def test_the_client_and_the_command_line_import_no_room_of_the_server() -> None:
    loaded = modules_after("import reelwork.cli.app, reelwork.client, reelwork.models_operations")

    assert not {name for name in loaded if name.split(".")[0] in ROOMS}


def test_importing_the_package_imports_no_library() -> None:
    assert not modules_after("import reelwork") & {"httpx", "pydantic", "typer", "rich"}


def test_help_and_wrong_usage_need_no_network_library() -> None:
    assert not modules_after("import reelwork.cli.app") & {"httpx", "pydantic", "rich", "redis", "reelwork.client"}


def test_every_public_name_can_be_imported() -> None:
    assert all(getattr(reelwork, name) for name in reelwork.__all__)
    assert "Reelwork" in dir(reelwork)
    assert not hasattr(reelwork, "Unknown")
