"""What providers show of rows in doubt, and of videos that no row knows."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.deps import Deps
from app.restore.rows import account
from db import credentials, steering, submissions
from db.restoring import Unfinished
from providers.base import Account, RemoteStatus, RemoteVideo
from providers.likeness import Asked, Likeness, likeness

_PATIENCE_S = 60.0
_PAGES_MOST = 500
_SLACK = timedelta(seconds=10)
_NOTE = "found in the provider's listing after a restore"
_OVER = (RemoteStatus.FAILED, RemoteStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Lane:
    """A provider account, through one of its credentials."""

    id: UUID
    kind: str
    base_url: str
    credential_id: UUID


@dataclass(frozen=True, slots=True)
class Seen:
    """What a lane's listing told: which row each found video belongs to, and the videos that nobody knows."""

    pairs: dict[UUID, str]
    strays: list[str]


async def lanes(deps: Deps) -> list[Lane]:
    """Every account that somebody's videos ran on."""
    found: dict[UUID, Lane] = {}
    for one in await credentials.listed(deps.pool, None):
        key = one.credential
        found.setdefault(key.lane_id, Lane(key.lane_id, one.kind, one.base_url, key.id))
    return list(found.values())


async def look(deps: Deps, lane: Lane, doubtful: Sequence[Unfinished], at: datetime) -> Seen:
    """Read the listing back to before the dump. Nothing where the provider cannot list. Raises what providers raise."""
    pinned = await account(deps, lane.credential_id)
    if not deps.providers[lane.kind].abilities(pinned).can_list:
        return Seen({}, [])
    since = min([at, *(row.created_at for row in doubtful)]) - _SLACK
    async with asyncio.timeout(_PATIENCE_S):
        videos = await _videos(deps, lane, pinned, since)
    ours = {one.provider_id for one in await submissions.known(deps.pool, lane.id, [one.provider_id for one in videos])}
    free = [video for video in videos if video.provider_id not in ours and video.status not in _OVER]
    pairs = pair(doubtful, free)
    taken = set(pairs.values())
    strays = [one.provider_id for one in free if one.provider_id not in taken and _after(one, at)]
    return Seen(pairs, strays)


async def adopt(deps: Deps, job_id: UUID, provider_id: str) -> bool:
    """The row goes on under the id that the listing showed."""
    patience = deps.policy.stall.generation_timeout
    return await steering.adopt_provider_id(deps.pool, job_id, provider_id, patience, _NOTE)


def pair(doubtful: Sequence[Unfinished], free: Sequence[RemoteVideo]) -> dict[UUID, str]:
    """Which listed video is whose. Identical requests are interchangeable, each video goes to one row.

    Requests that differ in what a listing hides (their images) are paired only one to one. A failed video is nobody's:
    a later attempt may follow it.
    """
    alike: dict[bytes, list[Unfinished]] = defaultdict(list)
    for row in sorted(doubtful, key=lambda row: (row.created_at, row.id)):
        alike[row.fingerprint].append(row)
    left = sorted(free, key=lambda one: (one.created_at or datetime.min.replace(tzinfo=UTC), one.provider_id))
    pairs: dict[UUID, str] = {}
    for rows in alike.values():
        fitting = [one for one in left if any(_fits(one, row) for row in rows)]
        if len({row.inputs_hash for row in rows}) > 1 and (len(rows), len(fitting)) != (1, 1):
            continue
        for row in rows:
            if (video := next((one for one in fitting if _fits(one, row)), None)) is not None:
                pairs[row.id] = video.provider_id
                fitting.remove(video)
    return pairs


def _fits(video: RemoteVideo, row: Unfinished) -> bool:
    return _after(video, row.created_at) and likeness(video, Asked(row.prompt, row.model, row.params)) is Likeness.SAME


def _after(video: RemoteVideo, moment: datetime) -> bool:
    return video.created_at is not None and video.created_at >= moment - _SLACK


async def _videos(deps: Deps, lane: Lane, pinned: Account, since: datetime) -> list[RemoteVideo]:
    videos: list[RemoteVideo] = []
    cursor = None
    for _ in range(_PAGES_MOST):
        page = await deps.providers[lane.kind].list_recent(pinned, cursor)
        ahead = page.server_time - datetime.now(UTC) if page.server_time else timedelta(0)
        videos.extend(page.videos)
        oldest = page.videos[-1].created_at if page.videos else None
        cursor = page.cursor
        if cursor is None or (oldest is not None and oldest - ahead < since):
            break
    return videos
