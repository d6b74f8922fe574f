"""Finding lost submissions in a provider's own listing, one fingerprint at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from db import retry, submissions
from db.connection import Executor, transaction
from db.submissions import Open
from db.work import WorkItem
from providers.base import RemoteVideo
from worker.tools import Tools

_SLACK = timedelta(seconds=5)
_PAGES_MOST = 50
_CLEAN_LOOKS = 3


class Look(StrEnum):
    """What a look at the listing told of one submission."""

    FOUND = "found"
    ABSENT = "absent"
    NOT_YET = "not_yet"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Listing:
    """What the provider showed. `ahead` is how far its clock is ahead of ours."""

    videos: Sequence[RemoteVideo]
    ahead: timedelta


async def look_for(tools: Tools, item: WorkItem) -> Look:
    """Read the listing back to before the intent and settle what it shows of all lost submissions like this one."""
    listing = await _read(tools, item)

    async def settle() -> Look:
        async with transaction(tools.pool) as conn:
            return await _settle(conn, item, listing)

    return await retry.until_done(settle)


async def _read(tools: Tools, item: WorkItem) -> Listing:
    provider, account = tools.provider(item), tools.account(item)
    back_to = (item.intent_at or item.read_at) - 2 * _SLACK
    videos: list[RemoteVideo] = []
    ahead, cursor = timedelta(0), None
    for _ in range(_PAGES_MOST):
        page = await provider.list_recent(account, cursor)
        videos.extend(page.videos)
        ahead = page.server_time - datetime.now(UTC) if page.server_time else ahead
        oldest = page.videos[-1].created_at if page.videos else None
        cursor = page.cursor
        if cursor is None or (oldest is not None and oldest - ahead < back_to):
            break
    return Listing(videos, ahead)


async def _settle(conn: Executor, item: WorkItem, listing: Listing) -> Look:
    await submissions.lock_fingerprint(conn, item.fingerprint)
    if await submissions.has_live(conn, item.lane_id, item.fingerprint):
        return Look.NOT_YET
    lost = await submissions.unknown_of(conn, item.lane_id, item.fingerprint)
    mine = next((one for one in lost if one.id == item.submission_id), None)
    if mine is None:
        return Look.FOUND
    ours = {one.provider_id: one for one in await submissions.known(conn, item.lane_id, _ids(listing))}
    if ours:
        await submissions.listing_proven(conn, item.lane_id)
    candidates = [video for video in listing.videos if video.provider_id not in ours and _alike(video, item)]
    pairs = pair_up(lost, candidates, listing.ahead)
    if pairs is None:
        return Look.AMBIGUOUS
    for one, video in pairs:
        await submissions.adopt(conn, one.id, video.provider_id)
    if any(one.id == mine.id for one, _ in pairs):
        return Look.FOUND
    later_shown = any(not one.inferred and one.intent_at > mine.intent_at for one in ours.values())
    await submissions.looked_clean(conn, mine.id)
    proven = later_shown or (bool(ours) or item.listing_proven) and mine.clean_looks + 1 >= _CLEAN_LOOKS
    return Look.ABSENT if proven else Look.NOT_YET


def pair_up(
    lost: Sequence[Open], candidates: Sequence[RemoteVideo], ahead: timedelta
) -> list[tuple[Open, RemoteVideo]] | None:
    """Which listed video is whose: identical requests are interchangeable, each video goes to one row.

    Requests that differ in what the listing hides (their images) are paired only one to one; None where that is not so.
    """
    fitting = [video for video in candidates if any(_in_window(video, one, ahead) for one in lost)]
    if not fitting:
        return []
    if len({one.inputs_hash for one in lost}) > 1 and (len(lost), len(fitting)) != (1, 1):
        return None
    pairs: list[tuple[Open, RemoteVideo]] = []
    free = sorted(fitting, key=lambda video: (video.created_at or datetime.min.replace(tzinfo=UTC), video.provider_id))
    for one in lost:
        video = next((video for video in free if _in_window(video, one, ahead)), None)
        if video is not None:
            free.remove(video)
            pairs.append((one, video))
    return pairs


def _ids(listing: Listing) -> list[str]:
    return [video.provider_id for video in listing.videos]


def _alike(video: RemoteVideo, item: WorkItem) -> bool:
    """Whether the listing shows the same request. One that hides its prompt cannot be recognised."""
    params = item.params
    seconds = params.get("seconds")
    return (
        video.prompt == item.prompt
        and video.model in (None, item.model)
        and (video.size is None or params.get("size") in (None, video.size))
        and (video.seconds is None or seconds is None or float(video.seconds) == float(seconds))
    )


def _in_window(video: RemoteVideo, one: Open, ahead: timedelta) -> bool:
    if video.created_at is None:
        return False
    created_at = video.created_at - ahead
    return one.intent_at - _SLACK <= created_at <= one.deadline_at + _SLACK
