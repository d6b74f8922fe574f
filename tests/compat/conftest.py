"""A real LiteLLM proxy, from an environment of its own, between our adapter and the simulator."""

import json
import os
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from providers.base import Account, Provider
from providers.catalogue import load_catalogue
from providers.models import VideoServer
from providers.registry import open_providers
from reelwork.testing import SimulatorHandle, running_simulator

LITELLM = Path(__file__).parents[2] / ".venv-litellm" / "bin" / "litellm"
START_S = 240.0
GENERATION_S = 100.0
PROXY_KEY = "sk-proxy-0123456789"


@pytest.fixture(scope="session")
def _served() -> Iterator[SimulatorHandle]:
    with running_simulator(generation_s=GENERATION_S, jitter=0, lean=True, seed=7) as handle:
        yield handle


@pytest.fixture
def simulator(_served: SimulatorHandle) -> SimulatorHandle:
    """The simulator behind the proxy, empty."""
    _served.reset()
    return _served


@pytest.fixture(scope="session")
def proxy_url(_served: SimulatorHandle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The proxy's base URL. It is told to repeat nothing, without which it pays for one submission three times."""
    assert LITELLM.exists(), "run `make test-compat`: it installs the proxy into .venv-litellm"
    folder = tmp_path_factory.mktemp("litellm")
    config, log, port = folder / "config.yaml", folder / "log", _free_port()
    config.write_text(json.dumps(_config(_served.url)))
    environment = {**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False"}
    command = [str(LITELLM), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment, cwd=folder)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_it_serves(url, process, log)
        yield f"{url}/v1"
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture
async def adapter(proxy_url: str) -> AsyncIterator[Provider]:
    server = VideoServer("gateway", proxy_url, models=("sora-2", "veo"))
    async with open_providers(load_catalogue(servers=[server])) as providers:
        yield providers["openai_videos"]


@pytest.fixture
def account(proxy_url: str, simulator: SimulatorHandle) -> Account:
    return Account("openai_videos", proxy_url, PROXY_KEY, server="gateway")


def _config(simulator_url: str) -> dict[str, object]:
    openai = {"model": "openai/sora-2", "api_base": f"{simulator_url}/v1", "api_key": "sk-upstream-0123456789"}
    gemini = {"model": "gemini/veo-3.1-generate-preview", "api_base": simulator_url, "api_key": "AIzaUpstream012345"}
    models = [{"model_name": "sora-2", "litellm_params": openai}, {"model_name": "veo", "litellm_params": gemini}]
    return {
        "model_list": models,
        "litellm_settings": {"num_retries": 0},
        "general_settings": {"master_key": PROXY_KEY},
    }


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_it_serves(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_S
    with httpx.Client(trust_env=False, timeout=5) as client:
        while time.monotonic() < deadline:
            assert process.poll() is None, f"the proxy ended: {log.read_text(errors='replace')[-2000:]}"
            try:
                if client.get(f"{url}/health/liveliness").is_success:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.25)
    pytest.fail(f"the proxy did not serve in {START_S:g} s: {log.read_text(errors='replace')[-2000:]}")
