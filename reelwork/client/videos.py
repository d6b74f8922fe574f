"""What can be asked of and done to videos that exist."""

from typing import Final

from reelwork.client.answers import parse
from reelwork.client.flow import Flow, Request, exchange
from reelwork.client.paths import path
from reelwork.client.resending import send_again_if_lost
from reelwork.models import Cancelled, Deleted, JobPage, Storyboard, Timeline, Video
from reelwork.models_operations import Done, Retried

PAGE: Final = 200
"""How many videos a server lists at once."""


def get(job_id: str) -> Flow[Video]:
    """One video as it stands now. NotFound for an unknown id."""
    reply = yield from send_again_if_lost(Request("GET", path("/api/video/{}", job_id)))
    return parse(reply, Video)


def jobs(
    *, status: str | None = None, storyboard_id: str | None = None, limit: int = 50, after: str | None = None
) -> Flow[JobPage]:
    """The newest videos first, at most `limit` (as many requests as that takes); `after` takes the `next_cursor` of an
    earlier answer."""
    found: list[Video] = []
    while True:
        count = min(limit - len(found), PAGE)
        asked = {"status": status, "storyboardId": storyboard_id, "limit": count, "after": after}
        query = {name: str(value) for name, value in asked.items() if value is not None}
        reply = yield from send_again_if_lost(Request("GET", "/api/jobs", query=query))
        page = parse(reply, JobPage)
        found += page.jobs
        after = page.next_cursor
        if after is None or not page.jobs or len(found) >= limit:
            return JobPage(jobs=found, next_cursor=after)


def storyboard(storyboard_id: str) -> Flow[Storyboard]:
    """A storyboard's videos and how many of them stand where."""
    reply = yield from send_again_if_lost(Request("GET", path("/api/storyboards/{}", storyboard_id)))
    return parse(reply, Storyboard)


def events(job_id: str) -> Flow[Timeline]:
    """What happened to a video, oldest first."""
    reply = yield from send_again_if_lost(Request("GET", path("/api/video/{}/events", job_id)))
    return parse(reply, Timeline)


def cancel(job_id: str, *, discard: bool = False) -> Flow[Cancelled]:
    """Stop a video. Conflict `already_paid` where the provider cannot stop it, unless `discard` gives the money up;
    Conflict `already_ended` where nothing is left to stop."""
    query = {"discard": "true"} if discard else {}
    reply = yield from exchange(Request("POST", path("/api/video/{}/cancel", job_id), query=query))
    return parse(reply, Cancelled)


def delete(job_id: str, *, discard: bool = False) -> Flow[Deleted]:
    """Remove a video that has ended, with its files; one that has not is cancelled instead."""
    query = {"discard": "true"} if discard else {}
    reply = yield from exchange(Request("DELETE", path("/api/video/{}", job_id), query=query))
    return parse(reply, Deleted)


def prioritise(job_id: str, priority: int) -> Flow[Done]:
    """Move a queued video before or behind others: 0 is first, 4 last, 2 the default."""
    reply = yield from exchange(Request("PATCH", path("/api/video/{}", job_id), body={"priority": priority}))
    return parse(reply, Done)


def retry(job_id: str) -> Flow[Retried]:
    """Let a failed video go on where the money is: collect again, wait again, or be submitted (and paid) again.

    NotFound where it is not there or cannot be retried, OverBudget where the budget has no room.
    """
    reply = yield from exchange(Request("POST", path("/api/admin/queue/retry/{}", job_id)))
    return parse(reply, Retried)
