"""A video's timeline as it is written, over server-sent events; a stream that is cut is taken up where it ended."""

import json
from collections.abc import Iterable, Iterator
from time import sleep
from typing import Any, Final

from reelwork.client.errors import ServerUnavailable
from reelwork.client.flow import Request
from reelwork.client.runners import SyncRunner
from reelwork.models import Event

AGAIN_S: Final = 1.0
TRIES: Final = 60


def follow(client: SyncRunner, job_id: str, after: int | None) -> Iterator[Event]:
    """Every line after the one with the id `after`, until the video has ended. The server is waited for a minute."""
    tries = 0
    while tries < TRIES:
        headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": str(after)} if after is not None else {})
        try:
            with client.lines(Request("GET", "/api/events", query={"jobId": job_id}, headers=headers)) as lines:
                for name, members in _events(lines):
                    tries = 0
                    if name == "timeline":
                        after = int(members["id"])
                        yield Event.model_validate(members)
                    elif name == "end" or (name == "video" and _has_ended(members)):
                        return
        except ServerUnavailable:
            if tries + 1 == TRIES:
                raise
        tries += 1
        sleep(AGAIN_S)


def _has_ended(members: dict[str, Any]) -> bool:
    return members.get("status") in ("completed", "failed", "cancelled")


def _events(lines: Iterable[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and data of each event; its id is one of its members. An answer without any is a stream that is over."""
    name, found = "end", False
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            found = True
            yield name, json.loads(value)
    if not found:
        yield "end", {}
