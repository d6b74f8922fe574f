"""One file after the other through our path (download, hash, look and poster, store), and through a bare copy loop."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import aiohttp
import psutil

from bench.speed.meter import children_cpu, own_cpu
from bench.speed.stage import Scene, open_stage
from media.inspector import Inspector
from providers.base import Account, Provider, RemoteStatus, RemoteVideo
from providers.catalogue import load_catalogue
from providers.registry import open_providers
from storage import keys
from storage.local import LocalStorage
from worker.transfer import fetch

_KEY = "sim-transfer"
_BLOCK_BYTES = 64 * 1024
_WANTED = {"model": "sora-2", "prompt": "a fox on a road", "seconds": "4", "size": "1280x720"}

Way = Callable[[Path], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Transferred:
    """What a way of transferring does: CPU is that of the process and of its children."""

    path: str
    files: int
    file_bytes: int
    mb_a_second: float
    cpu_s_a_gb: float


async def transfer(folder: Path, files: int, file_bytes: int) -> list[Transferred]:
    """Both ways with the same file, each warmed by one that is not counted."""
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(folder, Scene(1, 0.1, file_bytes)))
        base_url = stage.simulator.openai_base_url
        account = Account("openai_videos", base_url, _KEY)
        adapters = await stack.enter_async_context(open_providers(load_catalogue()))
        provider = adapters["openai_videos"]
        http = await stack.enter_async_context(aiohttp.ClientSession(headers={"authorization": f"Bearer {_KEY}"}))
        video = await _ready(http, provider, account)
        inspector = Inspector()
        stack.push_async_callback(inspector.close)
        storage = LocalStorage(folder / "videos")

        async def bare(work: Path) -> None:
            async with http.get(f"{base_url}/videos/{video.provider_id}/content") as answer:
                with (work / "copy").open("wb") as sink:
                    async for chunk in answer.content.iter_chunked(_BLOCK_BYTES):
                        sink.write(chunk)

        async def stored(work: Path) -> None:
            async with provider.download(account, video) as download:
                fetched = await fetch(download, work / keys.VIDEO, 2 * file_bytes + 10_000_000)
            await storage.put_file(keys.video_key(uuid4(), 1), fetched.path, "video/mp4", fetched.sha256)

        async def whole(work: Path) -> None:
            async with provider.download(account, video) as download:
                fetched = await fetch(download, work / keys.VIDEO, 2 * file_bytes + 10_000_000)
            await inspector.inspect(fetched.path, work / keys.POSTER)
            await storage.put_file(keys.video_key(uuid4(), 1), fetched.path, "video/mp4", fetched.sha256)

        ways = {"bare copy loop": bare, "download, hash, store": stored, "and look, poster": whole}
        return [await _timed(name, way, files, file_bytes) for name, way in ways.items()]


async def _ready(http: aiohttp.ClientSession, provider: Provider, account: Account) -> RemoteVideo:
    async with http.post(f"{account.base_url}/videos", json=_WANTED) as answer:
        answer.raise_for_status()
        provider_id = (await answer.json())["id"]
    while True:
        video = await provider.poll(account, provider_id, _WANTED["model"])
        if video.status is RemoteStatus.COMPLETED:
            return video
        await asyncio.sleep(0.1)


async def _timed(name: str, way: Way, files: int, file_bytes: int) -> Transferred:
    me = psutil.Process()
    with tempfile.TemporaryDirectory(prefix="reelwork-transfer-") as work:
        await way(Path(work))
        cpu_s, started = own_cpu(me) + children_cpu(me), time.monotonic()
        for _ in range(files):
            await way(Path(work))
        cpu_s, seconds = own_cpu(me) + children_cpu(me) - cpu_s, time.monotonic() - started
    total = files * file_bytes
    return Transferred(name, files, file_bytes, total / 1e6 / seconds, cpu_s / (total / 1e9))
