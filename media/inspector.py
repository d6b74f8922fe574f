"""Looking at videos without loading PyAV here and without blocking the event loop."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from media.errors import CannotStitch, MediaError, NotAnImage, NotAVideo, Refused
from media.process import Child, ChildGone
from media.results import Inspection, Poster, Probe

_REFUSALS: dict[str, type[Refused]] = {kind.__name__: kind for kind in (NotAVideo, NotAnImage, CannotStitch)}


class Inspector:
    """Asks child processes, at most `children` of them; a child serves many requests and leaves when `idle` has passed.

    Starting one costs about 150 ms of CPU, a request about 15 ms. A request that takes longer than `timeout` is given
    up and its child killed. Whoever made an Inspector closes it. Bound to the event loop that first uses it.
    """

    def __init__(
        self,
        *,
        children: int = 1,
        timeout: timedelta = timedelta(seconds=30),
        idle: timedelta = timedelta(seconds=10),
    ) -> None:
        self._room = asyncio.Semaphore(children)
        self._timeout = timeout
        self._idle = idle
        self._waiting: list[Child] = []

    async def inspect(self, path: Path, poster_path: Path | None = None) -> Inspection:
        """Prove that the file is an MP4 that plays; write a WebP poster to `poster_path` if one is given.

        Raises NotAVideo for good, MediaError for what may pass.
        """
        poster = None if poster_path is None else str(poster_path)
        done = await self._ask({"do": "inspect", "path": str(path), "poster": poster}, self._timeout)
        return Inspection(Probe(**done["video"]), _poster(done["poster"]) if done["poster"] else None)

    async def still(self, image: Path, poster_path: Path) -> Poster:
        """Write a WebP poster made from a PNG, JPEG or WebP picture. Raises NotAnImage for good, MediaError else."""
        return _poster(await self._ask({"do": "still", "image": str(image), "poster": str(poster_path)}, self._timeout))

    async def stitch(self, paths: Sequence[Path], out: Path) -> float:
        """Join videos of one size and encoding into `out` without encoding anew; its length in seconds.

        Takes at most ten times `timeout`, and a child's place meanwhile. Raises CannotStitch for good, MediaError for
        what may pass; `out` may then hold a part.
        """
        if not paths:
            raise CannotStitch("there is no video")
        done = await self._ask(
            {"do": "stitch", "paths": [str(path) for path in paths], "out": str(out)}, 10 * self._timeout
        )
        return float(done["duration_s"])

    async def close(self) -> None:
        """End the children that wait for work; requests still under way end theirs when they are cancelled."""
        while self._waiting:
            await self._waiting.pop().kill()

    async def _ask(self, request: dict[str, Any], within: timedelta) -> dict[str, Any]:
        async with self._room:
            try:
                async with asyncio.timeout(within.total_seconds()):
                    answer = await self._answer(request)
            except TimeoutError as error:
                raise MediaError(f"not done within {within.total_seconds():g} s") from error
            except ChildGone as error:
                raise MediaError(str(error)) from error
            except OSError as error:
                raise MediaError(f"no media process could be started: {error.strerror}") from error
        return _done(answer)

    async def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            return await self._answer_of(await self._child(), request)
        except ChildGone as gone:
            if gone.code != 0:
                raise
        # It left of its own accord just as it was asked.
        return await self._answer_of(await Child.start(self._idle), request)

    async def _child(self) -> Child:
        while self._waiting:
            child = self._waiting.pop()
            if not child.has_ended:
                return child
        return await Child.start(self._idle)

    async def _answer_of(self, child: Child, request: dict[str, Any]) -> dict[str, Any]:
        try:
            answer = await child.ask(request)
        except BaseException:
            await child.kill()
            raise
        self._waiting.append(child)
        return answer


def _done(answer: dict[str, Any]) -> dict[str, Any]:
    if "refused" in answer:
        raise _REFUSALS[answer["as"]](answer["refused"])
    if "failed" in answer:
        raise MediaError(answer["failed"])
    done: dict[str, Any] = answer["done"]
    return done


def _poster(written: dict[str, Any]) -> Poster:
    return Poster(**{**written, "path": Path(written["path"])})
