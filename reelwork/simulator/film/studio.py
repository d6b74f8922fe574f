"""Draws each clip once, in threads beside the event loop, and keeps it as long as memory allows."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from reelwork.simulator.film.clip import Clip, padded_clip
from reelwork.simulator.film.shot import Shot

_Key = tuple[str, Shot]


class Studio:
    """Renders on demand. The least recently used clips go first when `cache_bytes` is exceeded."""

    def __init__(self, threads: int, cache_bytes: int) -> None:
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="reelwork-studio")
        self._cache_bytes = cache_bytes
        self._finished: OrderedDict[_Key, bytes] = OrderedDict()
        self._size_bytes = 0
        self._waiting: dict[_Key, asyncio.Future[bytes]] = {}

    async def clip(self, shot: Shot) -> Clip:
        """The finished clip, drawn now if need be."""
        return padded_clip(await self._made("clip", shot.unpadded), shot.size_bytes)

    async def picture(self, kind: str, shot: Shot) -> bytes:
        """`thumbnail` (WebP) or `spritesheet` (JPEG) of the shot."""
        return await self._made(kind, shot.unpadded)

    def prefetch(self, shot: Shot) -> None:
        """Start drawing what will be asked for soon; costs nothing where it is there already."""
        key = ("clip", shot.unpadded)
        if key not in self._finished and key not in self._waiting:
            self._begin(key)

    def close(self) -> None:
        """Stop drawing; what has begun is finished first."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def _made(self, kind: str, shot: Shot) -> bytes:
        key = (kind, shot)
        if key in self._finished:
            self._finished.move_to_end(key)
            return self._finished[key]
        return await asyncio.shield(self._waiting.get(key) or self._begin(key))

    def _begin(self, key: _Key) -> "asyncio.Future[bytes]":
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._pool, _draw, key)
        self._waiting[key] = future
        future.add_done_callback(lambda done: self._keep(key, done))
        return future

    def _keep(self, key: _Key, done: "asyncio.Future[bytes]") -> None:
        self._waiting.pop(key, None)
        if done.cancelled() or done.exception() is not None:
            return
        self._finished[key] = done.result()
        self._size_bytes += len(done.result())
        while self._size_bytes > self._cache_bytes and len(self._finished) > 1:
            self._size_bytes -= len(self._finished.popitem(last=False)[1])


def _draw(key: _Key) -> bytes:
    from reelwork.simulator.film import encode

    makers: dict[str, Callable[[Shot], bytes]] = {
        "clip": encode.render,
        "thumbnail": encode.thumbnail,
        "spritesheet": encode.spritesheet,
    }
    return makers[key[0]](key[1])
