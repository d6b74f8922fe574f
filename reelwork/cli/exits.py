"""What the exit codes mean, and which error ends in which."""

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reelwork.client.errors import ReelworkError
    from reelwork.models import Video


class Exit(IntEnum):
    """0 done · 1 failed · 2 wrong usage, or a request the server refused as invalid · 3 not found · 4 the key does
    not allow it · 5 server not reachable · 6 needs review · 7 --timeout passed · 130 interrupted."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    NOT_ALLOWED = 4
    UNREACHABLE = 5
    NEEDS_REVIEW = 6
    TIMEOUT = 7
    INTERRUPTED = 130


HELP = (
    "Exit codes: 0 done, 1 failed, 2 wrong usage or invalid request, 3 not found, 4 key missing or not allowed, "
    "5 server not reachable, 6 needs review, 7 timeout, 130 interrupted."
)


def exit_for_error(error: "ReelworkError") -> Exit:
    """The code for an error of the client; FAILED where none says more."""
    codes = {
        "BadRequest": Exit.USAGE,
        "NotFound": Exit.NOT_FOUND,
        "Unauthorized": Exit.NOT_ALLOWED,
        "Forbidden": Exit.NOT_ALLOWED,
        "ServerUnavailable": Exit.UNREACHABLE,
        "WaitTimeout": Exit.TIMEOUT,
    }
    return codes.get(type(error).__name__, Exit.FAILED)


def exit_for_videos(videos: "Iterable[Video]") -> Exit:
    """The code for videos that are settled: one that failed counts more than one that waits for a person."""
    statuses = {video.status for video in videos}
    if statuses & {"failed", "cancelled"}:
        return Exit.FAILED
    return Exit.NEEDS_REVIEW if "needs_review" in statuses else Exit.DONE
