"""Finding lost submissions in a provider's own listing, one fingerprint at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from db import retry, submissions
from db.connection import Executor, transaction
from db.submissions import Known, Open
from db.work import WorkItem
from providers.base import RemoteVideo
from providers.likeness import Asked, Likeness, likeness
from worker.matching import SLACK, may_be_of, pair_up
from worker.tools import Tools

_PAGES_MOST = 50
_CLEAN_LOOKS = 3


class Look(StrEnum):
    """What a look at the listing told of one submission. LIVE: nothing yet, a call for the same is under way."""

    FOUND = "found"
    ABSENT = "absent"
    LIVE = "live"
    NOT_YET = "not_yet"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, slots=True)
class Listing:
    """What the provider showed. `ahead` is how far its clock is ahead of the database's, `is_whole` whether everything
    made since the intent must be in it."""

    videos: Sequence[RemoteVideo]
    ahead: timedelta
    is_whole: bool


async def look_for(tools: Tools, item: WorkItem) -> Look:
    """Read the listing back to before the intent and settle what it shows of all lost submissions like this one."""
    listing = await _read(tools, item)

    async def settle() -> Look:
        try:
            async with transaction(tools.pool) as conn:
                return await _settle(conn, item, listing)
        except retry.UniqueViolation:
            # A call's own answer named one of the videos in this moment: now the books know it.
            raise retry.Again from None

    return await retry.until_done(settle)


async def _read(tools: Tools, item: WorkItem) -> Listing:
    provider, account = tools.provider(item), tools.account(item)
    back_to = (item.intent_at or item.read_at) - 2 * SLACK
    videos: dict[str, RemoteVideo] = {}
    ahead: timedelta | None = None
    cursor: str | None = None
    for _ in range(_PAGES_MOST):
        page = await provider.list_recent(account, cursor)
        if ahead is None and page.server_time:
            ahead = page.server_time - await retry.until_done(lambda: submissions.clock(tools.pool))
        fresh = {video.provider_id: video for video in page.videos if video.provider_id not in videos}
        videos |= fresh
        cursor = page.cursor
        reaches_back = _reaches(page.videos, back_to + (ahead or timedelta(0)))
        if cursor is None or reaches_back or not fresh:
            is_whole = cursor is None or reaches_back or not page.videos
            return Listing(list(videos.values()), ahead or timedelta(0), is_whole)
    return Listing(list(videos.values()), ahead or timedelta(0), is_whole=False)


def _reaches(videos: Sequence[RemoteVideo], back_to: datetime) -> bool:
    """Whether a page, newest first as it was asked for, ends with something older than that."""
    first, last = (videos[0].created_at, videos[-1].created_at) if videos else (None, None)
    return first is not None and last is not None and first >= last and last < back_to


async def _settle(conn: Executor, item: WorkItem, listing: Listing) -> Look:
    await submissions.lock_fingerprint(conn, item.fingerprint)
    if await submissions.has_live(conn, item.lane_id, item.fingerprint):
        return Look.LIVE
    lost = await submissions.unknown_of(conn, item.lane_id, item.fingerprint)
    mine = next((one for one in lost if one.id == item.submission_id), None)
    if mine is None:
        return Look.FOUND
    known = await submissions.known(conn, item.lane_id, [video.provider_id for video in listing.videos])
    ours = {one.provider_id: one for one in known}
    strangers = [video for video in listing.videos if video.provider_id not in ours]
    asked = Asked(item.prompt, item.model, item.params)
    alike = [video for video in strangers if likeness(video, asked) is Likeness.SAME]
    others = await submissions.others_of(conn, item.lane_id, item.fingerprint, [one.id for one in lost])
    pairs = pair_up(lost, alike, listing.ahead, others)
    if pairs is None:
        return Look.AMBIGUOUS
    for one, video in pairs:
        await submissions.adopt(conn, one.id, video.provider_id)
    if any(one.id == mine.id for one, _ in pairs):
        return Look.FOUND
    hidden = (video for video in strangers if likeness(video, asked) is Likeness.HIDDEN)
    is_clean = listing.is_whole and not any(may_be_of(video, mine, listing.ahead) for video in hidden)
    return await _absent(conn, item, mine, _controls(listing, ours), is_clean=is_clean)


async def _absent(conn: Executor, item: WorkItem, mine: Open, controls: Sequence[Known], *, is_clean: bool) -> Look:
    """Whether it is proven that the provider never took it: a listing without a trace of it is no proof by itself."""
    if controls:
        await submissions.listing_proven(conn, item.lane_id)
    if not is_clean:
        return Look.NOT_YET
    await submissions.looked_clean(conn, mine.id)
    later_shown = any(not one.inferred and one.intent_at > mine.intent_at for one in controls)
    shows_ours = bool(controls) or item.listing_proven
    proven = later_shown or (shows_ours and mine.clean_looks + 1 >= _CLEAN_LOOKS)
    return Look.ABSENT if proven else Look.NOT_YET


def _controls(listing: Listing, ours: dict[str, Known]) -> list[Known]:
    """Videos of ours that the listing shows so that they would have been recognised, had their ids been lost."""
    shown = ((video, ours[video.provider_id]) for video in listing.videos if video.provider_id in ours)
    return [one for video, one in shown if _is_recognised(video, one, listing.ahead)]


def _is_recognised(video: RemoteVideo, one: Known, ahead: timedelta) -> bool:
    if one.prompt is None or one.model is None or one.params is None:
        return False
    asked = Asked(one.prompt, one.model, one.params)
    return likeness(video, asked) is Likeness.SAME and may_be_of(video, one, ahead)
