"""Waits for videos by looking at them: often after a change, ever more rarely while nothing happens."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from reelwork.client.errors import RateLimited, ReelworkError, ServerUnavailable, WaitTimeout
from reelwork.client.flow import Flow, pause
from reelwork.client.videos import get, storyboard
from reelwork.models import Video

SHORTEST_S: Final = 0.5
LONGEST_S: Final = 5.0
OUTAGE_S: Final = 300.0
"""How long a server may be away while its videos are being waited for."""

Look = Callable[[], Flow[Sequence[Video]]]
Seen = Callable[[Video], None]
Trouble = Callable[[ReelworkError], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds (None: as long as it takes), and by which monotonic clock."""

    timeout: float | None = None
    clock: Callable[[], float] = time.monotonic


def wait(
    job_id: str,
    *,
    timeout: float | None = None,
    on_change: Seen | None = None,
    on_trouble: Trouble | None = None,
) -> Flow[Video]:
    """Wait until a video has ended or needs review, and return it, whichever it is.

    `timeout` is in seconds, None waits as long as the server lets it live; WaitTimeout cancels nothing. `on_change`
    is called with the video when it is first seen and at each change of it. A server that goes away meanwhile is
    waited for (five minutes at most), and `on_trouble` told.
    """

    def look() -> Flow[Sequence[Video]]:
        return [(yield from get(job_id))]

    (video,) = yield from watch(look, Patience(timeout), on_change, on_trouble)
    return video


def wait_storyboard(
    storyboard_id: str,
    *,
    job_ids: Sequence[str] | None = None,
    timeout: float | None = None,
    on_change: Seen | None = None,
    on_trouble: Trouble | None = None,
) -> Flow[list[Video]]:
    """As `wait`, for all videos of a storyboard (only those in `job_ids`, in that order, if given) at one request a
    look."""

    def look() -> Flow[Sequence[Video]]:
        found = (yield from storyboard(storyboard_id)).jobs
        if job_ids is None:
            return found
        known = {video.job_id: video for video in found}
        for job_id in job_ids:
            if job_id not in known:
                known[job_id] = yield from get(job_id)
        return [known[job_id] for job_id in job_ids]

    return list((yield from watch(look, Patience(timeout), on_change, on_trouble)))


def watch(look: Look, patience: Patience, on_change: Seen | None, on_trouble: Trouble | None) -> Flow[Sequence[Video]]:
    """Look until every video is settled; returns the last sight."""
    started = changed = answered = patience.clock()
    known: dict[str, tuple[object, ...]] = {}
    videos: Sequence[Video] = yield from look()
    trouble: ReelworkError | None = None
    while True:
        if trouble is None:
            answered = patience.clock()
            changed = answered if _tell_changes(videos, known, on_change) else changed
            if all(video.is_settled for video in videos):
                return videos
        yield from pause(_next_look_s(patience, started, changed, trouble))
        videos, trouble = yield from _look_again(look, videos)
        _tell_trouble(trouble, patience.clock() - answered, on_trouble)


def _look_again(look: Look, before: Sequence[Video]) -> Flow[tuple[Sequence[Video], ReelworkError | None]]:
    try:
        return (yield from look()), None
    except (ServerUnavailable, RateLimited) as trouble:
        return before, trouble


def _tell_changes(videos: Sequence[Video], known: dict[str, tuple[object, ...]], on_change: Seen | None) -> bool:
    changed = False
    for video in videos:
        sight = (video.status, video.stage, video.progress, video.attempts_made)
        if known.get(video.job_id) != sight:
            known[video.job_id] = sight
            changed = True
            if on_change:
                on_change(video)
    return changed


def _tell_trouble(trouble: ReelworkError | None, silent_s: float, on_trouble: Trouble | None) -> None:
    if trouble is None:
        return
    if silent_s > OUTAGE_S:
        raise trouble
    if on_trouble:
        on_trouble(trouble)


def _next_look_s(patience: Patience, started: float, changed: float, trouble: ReelworkError | None) -> float:
    now = patience.clock()
    delay = min(max((now - changed) / 4, SHORTEST_S), LONGEST_S)
    if trouble is not None:
        delay = max(delay, trouble.retry_after or 1.0)
    if patience.timeout is None:
        return delay
    left = started + patience.timeout - now
    if left <= 0:
        raise WaitTimeout(f"Not done after {patience.timeout:g} seconds; it goes on on the server.")
    return min(delay, left)
