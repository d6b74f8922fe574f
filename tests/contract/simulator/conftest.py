"""One simulator for each test process; every test gets it empty, with a clock of its own to push forward."""

from collections.abc import Iterator

import httpx
import pytest

from reelwork.testing import SimulatorHandle, running_simulator

GENERATION_S = 100.0


@pytest.fixture(scope="session")
def _served() -> Iterator[SimulatorHandle]:
    with running_simulator(generation_s=GENERATION_S, jitter=0, queue_s=10, lean=True, seed=7) as handle:
        yield handle


@pytest.fixture
def simulator(_served: SimulatorHandle) -> SimulatorHandle:
    """An empty simulator whose videos take 100 s: `simulator.advance(100)` finishes them at once."""
    _served.reset()
    return _served


@pytest.fixture(scope="session")
def _connected(_served: SimulatorHandle) -> Iterator[httpx.Client]:
    headers = {"authorization": "Bearer key-1", "x-goog-api-key": "key-1"}
    with httpx.Client(base_url=_served.url, headers=headers, trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture
def http(simulator: SimulatorHandle, _connected: httpx.Client) -> httpx.Client:
    """A plain client that carries a key for each of the dialects."""
    return _connected
