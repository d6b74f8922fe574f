"""The lines of an event stream: what was missed, how things stand, and then every change until all have ended."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sse_starlette import ServerSentEvent

from app import views
from app.links import Links
from app.live.feed import Listener, News, Percent
from app.live.watched import Watched
from app.problems import not_found
from db import feed, reads
from db.connection import Pool
from db.feed import Look
from db.reads import SeenJob
from db.states import ENDED, JobState
from db.tables import JobEvent

_SETTLED = (*ENDED, JobState.NEEDS_REVIEW)
_LOOK = Look()


@dataclass(frozen=True, slots=True)
class Shown:
    """How videos are shown: `server_url` is how the listener reaches this API."""

    links: Links
    server_url: str


class Stream:
    """One listener's stream. `after` is the id of the last line that it has seen, None where it begins."""

    def __init__(self, pool: Pool, shown: Shown, watched: Watched, after: int | None) -> None:
        self._pool = pool
        self._shown = shown
        self._watched = watched
        self._after = after
        self._sent: dict[UUID, int] = {}
        self._open: set[UUID] = set()

    async def is_over(self) -> bool:
        """Whether its listener has heard everything already. Raises Problem (404) for a job the caller may not see."""
        jobs = await self._jobs()
        ended = self._watched.has_end and all(job.row.state in ENDED for job in jobs)
        return ended and self._after is not None and not await self._missed(jobs)

    async def run(self, listener: Listener) -> AsyncIterator[ServerSentEvent]:
        """What was missed and how things stand, then every change as it comes, until all that was wanted has ended."""
        for event in await self._begin():
            yield event
        while not self._has_ended and (told := await listener.unread.get()) is not None:
            match told:
                case Percent():
                    yield _event("progress", {"jobId": str(told.job_id), "progress": told.percent})
                case News():
                    for event in await self._of(told):
                        yield event
        if self._has_ended:
            yield _event("end", {})

    @property
    def _has_ended(self) -> bool:
        return self._watched.has_end and not self._open

    async def _begin(self) -> list[ServerSentEvent]:
        jobs = await self._jobs()
        self._open = {job.row.id for job in jobs if job.row.state not in ENDED}
        missed = await self._missed(jobs)
        self._sent = {line.job_id: line.id for line in missed}
        return [_line(line, None) for line in missed] + [await self._video(job) for job in jobs]

    async def _of(self, news: News) -> list[ServerSentEvent]:
        row = news.job.row
        lines = [line for line in news.lines if line.id > self._sent.get(row.id, 0)]
        (self._open.discard if row.state in ENDED else self._open.add)(row.id)
        events = [_line(line, news.job) for line in lines]
        if lines and row.state in _SETTLED:
            events.append(await self._video(news.job))
        return events

    async def _jobs(self) -> Sequence[SeenJob]:
        watched = self._watched
        if watched.job_id is not None:
            found = await reads.job(self._pool, watched.job_id, watched.client_id)
            if found is None or found.row.state == JobState.DELETING:
                raise not_found("video")
            return [found]
        if watched.storyboard_id is not None:
            return await reads.storyboard(self._pool, watched.storyboard_id, watched.client_id)
        return []

    async def _missed(self, jobs: Sequence[SeenJob]) -> list[JobEvent]:
        if self._after is None:
            return []
        after = self._after
        if self._watched.has_end:
            return await feed.lines(self._pool, {job.row.id: after for job in jobs}, _LOOK) if jobs else []
        return await feed.since(self._pool, self._watched.client_id, after, _LOOK)

    async def _video(self, job: SeenJob) -> ServerSentEvent:
        return _event("video", await views.video(job, self._shown.links, self._shown.server_url))


def _line(line: JobEvent, job: SeenJob | None) -> ServerSentEvent:
    """A timeline's line; its id is what a listener that comes again names as the last one it saw."""
    members = {"jobId": str(line.job_id), **views.event(line)}
    if job is not None:
        row = job.row
        members |= {"storyboardId": row.storyboard_id, "sceneId": row.scene_id, "status": views.status_of(row.state)}
    return _event("timeline", members, id=str(line.id))


def _event(name: str, members: Mapping[str, object], id: str | None = None) -> ServerSentEvent:
    return ServerSentEvent(json.dumps(members, separators=(",", ":")), event=name, id=id)
