"""Whose a listed video is: pure decisions, so that no two rows get one video and no row gets a stranger's."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

from db.submissions import Open
from providers.base import RemoteVideo

SLACK = timedelta(seconds=5)


class Sent(Protocol):
    """A submission, between its intent and the moment after which nothing of it may leave."""

    @property
    def intent_at(self) -> datetime: ...

    @property
    def deadline_at(self) -> datetime: ...


def may_be_of(video: RemoteVideo, one: Sent, ahead: timedelta) -> bool:
    """Whether it was made while that submission could have arrived; one that hides its time may always have been.

    `ahead` is how far the provider's clock is ahead of ours.
    """
    if video.created_at is None:
        return True
    created_at = video.created_at - ahead
    return one.intent_at - SLACK <= created_at <= one.deadline_at + SLACK


def pair_up(
    lost: Sequence[Open], alike: Sequence[RemoteVideo], ahead: timedelta, others: Sequence[Open] = ()
) -> list[tuple[Open, RemoteVideo]] | None:
    """Which of the videos that look like the lost requests is whose: each video goes to one row.

    Identical requests are interchangeable. Requests that differ in what the listing hides (their images) are paired
    only one to one; None where that is not so. `others` are not to be paired, but may own one of the videos.
    """
    fitting = [video for video in alike if any(may_be_of(video, one, ahead) for one in lost)]
    if not fitting:
        return []
    owners = [one for one in [*lost, *others] if any(may_be_of(video, one, ahead) for video in fitting)]
    hashes = {one.inputs_hash for one in owners}
    if len(hashes) > 1 or (hashes != {None} and len(fitting) > len(owners)):
        return None
    pairs: list[tuple[Open, RemoteVideo]] = []
    free = sorted(fitting, key=lambda video: (video.created_at or datetime.min.replace(tzinfo=UTC), video.provider_id))
    for one in lost:
        video = next((video for video in free if may_be_of(video, one, ahead)), None)
        if video is not None:
            free.remove(video)
            pairs.append((one, video))
    return pairs
