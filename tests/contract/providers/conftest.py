"""Every adapter against the simulator: one case for each kind, and one more for Vertex without a bucket."""

import json
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from providers.base import Account, Provider, RemoteVideo, VideoRequest
from providers.catalogue import Catalogue, load_catalogue
from providers.http import WirePolicy
from providers.models import VideoServer
from providers.registry import open_providers
from reelwork.testing import SimulatorHandle, running_simulator

GENERATION_S = 100.0
CASES = ("openai", "omni", "vertex", "vertex-inline")
OVERLAY = Path(__file__).with_name("own_server.toml")
MODELS = {"openai": "sora-2", "gpu": "sora-2", "omni": "gemini-omni-1.2-flash", "vertex": "veo-3.1-generate-001"}


@dataclass
class Case:
    """One provider with an account of its own at the simulator."""

    name: str
    provider: Provider
    account: Account
    simulator: SimulatorHandle

    @property
    def dialect(self) -> str:
        return self.name.partition("-")[0]

    def request(self, prompt: str = "a cat", **values) -> VideoRequest:
        label, job = uuid.uuid4().hex, str(uuid.uuid4())
        frame = (
            {"size": "1280x720"}
            if self.account.kind == "openai_videos"
            else {"resolution": "720p", "aspect_ratio": "16:9"}
        )
        prefix = f"{self.account.output_uri}/{job}/{label}/" if self.account.output_uri else None
        usual = {"model": MODELS[self.dialect], "seconds": 4, "output_prefix": prefix, **frame}
        return VideoRequest(prompt=prompt, label=label, job_id=job, **(usual | values))

    async def submit(self, prompt: str = "a cat", **values) -> str:
        accepted = await self.provider.submit(self.account, self.request(prompt, **values), agree)
        return accepted.provider_id

    async def poll(self, provider_id: str) -> RemoteVideo:
        return await self.provider.poll(self.account, provider_id, MODELS[self.dialect])

    async def finished(self, prompt: str = "a cat") -> RemoteVideo:
        provider_id = await self.submit(prompt)
        self.simulator.advance(GENERATION_S + 1)
        return await self.poll(provider_id)

    async def bytes_of(self, video: RemoteVideo) -> bytes:
        async with self.provider.download(self.account, video) as download:
            return b"".join([chunk async for chunk in download.chunks])

    def submissions(self, prompt: str) -> int:
        """How often a prompt was paid for, by the simulator's own books."""
        return sum(line["prompt"] == prompt for line in self.simulator.books()["submissions"])


async def agree() -> None:
    """The guard of tests that have nothing to stop."""


@pytest.fixture(scope="session")
def _served() -> Iterator[SimulatorHandle]:
    with running_simulator(generation_s=GENERATION_S, jitter=0, queue_s=10, lean=True, seed=7) as handle:
        yield handle


@pytest.fixture
def simulator(_served: SimulatorHandle) -> SimulatorHandle:
    """An empty simulator whose videos take 100 s of a clock that `advance` pushes forward."""
    _served.reset()
    return _served


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    own = VideoServer("gpu", "http://gpu.example/v1", billing="free_on_loss")
    return load_catalogue(OVERLAY, servers=[own])


@pytest.fixture
async def adapters(catalogue: Catalogue) -> AsyncIterator[Mapping[str, Provider]]:
    async with open_providers(catalogue) as providers:
        yield providers


@pytest.fixture
async def impatient(catalogue: Catalogue, case: Case) -> AsyncIterator[Case]:
    """The case with an adapter that waits for a submission's answer for a second only."""
    async with open_providers(catalogue, WirePolicy(submit_s=1.0)) as providers:
        case.provider = providers[case.account.kind]
        yield case


@pytest.fixture
def accounts(simulator: SimulatorHandle) -> Mapping[str, Account]:
    service_account = json.dumps(simulator.service_account())
    vertex = {"kind": "vertex_veo", "base_url": simulator.vertex_base_url, "secret": service_account}
    return {
        "openai": Account("openai_videos", simulator.openai_base_url, "sk-contract-0123456789"),
        "omni": Account("google_omni", simulator.gemini_base_url, "AIzaContract0123456789"),
        "vertex": Account(**vertex, output_uri="gs://our-bucket/reelwork"),
        "vertex-inline": Account(**vertex),
        "gpu": Account("openai_videos", simulator.openai_base_url, "gpu-contract-0123456789", server="gpu"),
    }


@pytest.fixture(params=CASES)
def case(request, adapters, accounts, simulator) -> Case:
    """Each kind in turn."""
    account = accounts[request.param]
    return Case(request.param, adapters[account.kind], account, simulator)


@pytest.fixture
def case_of(adapters, accounts, simulator):
    """The case of one name."""
    return lambda name: Case(name, adapters[accounts[name].kind], accounts[name], simulator)


@pytest.fixture
def media_url(simulator: SimulatorHandle) -> str:
    """The simulator's second port, which stands for a provider's download host."""
    return str(httpx.get(f"{simulator.url}/_sim", trust_env=False).json()["media_url"])


@pytest.fixture
async def trusting_media(catalogue, media_url):
    """Gives a case's adapter a wire to which the simulator's second port is an address of the operator's own."""
    async with open_providers(catalogue, WirePolicy(trusted_base_urls=(media_url,))) as providers:

        def trusting(case: Case) -> Case:
            case.provider = providers[case.account.kind]
            return case

        yield trusting
