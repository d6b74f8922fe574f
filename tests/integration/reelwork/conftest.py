"""A stub server for each test, both clients and the command line to ask it, and no needless waiting."""

import asyncio
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from reelwork import AsyncReelwork, Reelwork
from reelwork.cli.app import app
from reelwork.client import downloads, resending, waiting
from tests.integration.reelwork.stub_server import KEY, Stub, serve


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An empty current directory, in which no server has left its key."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lost requests are repeated at once, and videos looked at without a break."""
    monkeypatch.setattr(resending, "RESEND_AFTER_S", (0.0, 0.0))
    monkeypatch.setattr(downloads, "RESUME_AFTER_S", 0.0)
    monkeypatch.setattr(waiting, "SHORTEST_S", 0.01)


@pytest.fixture
def stub() -> Iterator[Stub]:
    with serve(Stub()) as running:
        yield running


@pytest.fixture
def client(stub: Stub) -> Iterator[Reelwork]:
    with Reelwork(stub.url, KEY) as connected:
        yield connected


Ask = Callable[..., Any]


@pytest.fixture(params=["blocking", "asyncio"])
def ask(request: pytest.FixtureRequest, stub: Stub) -> Iterator[Ask]:
    """Calls a method by name on either client: `ask("get", job_id)`."""
    if request.param == "blocking":
        with Reelwork(stub.url, KEY, timeout=5) as client:
            yield lambda name, *given, **named: getattr(client, name)(*given, **named)
        return

    async def awaited(name: str, *given: Any, **named: Any) -> Any:
        async with AsyncReelwork(stub.url, KEY, timeout=5) as client:
            return await getattr(client, name)(*given, **named)

    yield lambda name, *given, **named: asyncio.run(awaited(name, *given, **named))


@pytest.fixture
def cli(stub: Stub, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs one command against the stub, with stdout and stderr apart and neither a terminal."""
    monkeypatch.setenv("REELWORK_URL", stub.url)
    monkeypatch.setenv("REELWORK_API_KEY", KEY)
    return lambda *words, **named: CliRunner().invoke(app, words, **named)


@pytest.fixture
def unused_url() -> Iterator[str]:
    """An address of this machine that refuses connections for as long as the test lasts."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
