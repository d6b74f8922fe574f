"""Waiting looks often after a change and rarely otherwise, outlives a server's absence, and keeps to its deadline."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from reelwork.client.errors import NotFound, ReelworkError, ServerUnavailable, WaitTimeout
from reelwork.client.flow import Flow, Reply
from reelwork.client.videos import get
from reelwork.client.waiting import OUTAGE_S, Patience, wait_storyboard, watch
from reelwork.models import Video
from tests.unit.reelwork.conftest import Driver

Replies = Callable[..., Reply]
GENERATING = {"jobId": "a", "status": "processing", "stage": "generating"}
COMPLETED = {"jobId": "a", "status": "completed"}


def look() -> Flow[Sequence[Video]]:
    return [(yield from get("a"))]


def waiting(driver: Driver, *, timeout: float | None = None, **told: Any) -> Flow[Sequence[Video]]:
    patience = Patience(timeout, driver.clock)
    return watch(look, patience, told.get("on_change"), told.get("on_trouble"))


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled", "needs_review"])
def test_a_video_that_is_settled_is_not_waited_for(driver: Driver, reply: Replies, status: str) -> None:
    (video,) = driver.drive(waiting(driver), [reply({"jobId": "a", "status": status})])

    assert video.status == status
    assert driver.pauses == []


def test_looks_grow_rarer_while_nothing_changes_and_frequent_again_after_a_change(
    driver: Driver, reply: Replies
) -> None:
    same = [reply(GENERATING) for _ in range(30)]
    moved = reply({**GENERATING, "progress": 50})
    driver.drive(waiting(driver), [*same, moved, reply(COMPLETED)])

    assert driver.pauses[:30] == sorted(driver.pauses[:30])
    assert (driver.pauses[0], driver.pauses[29]) == (0.5, 5.0)
    assert driver.pauses[30] == 0.5


def test_each_change_is_told_once(driver: Driver, reply: Replies) -> None:
    seen: list[Video] = []
    looks = [GENERATING, GENERATING, {**GENERATING, "progress": 50}, {**GENERATING, "progress": 50}, COMPLETED]

    driver.drive(waiting(driver, on_change=seen.append), [reply(look) for look in looks])

    assert [(video.status, video.progress) for video in seen] == [
        ("processing", None),
        ("processing", 50),
        ("completed", None),
    ]


def test_the_deadline_is_kept_to_the_second_and_cancels_nothing(driver: Driver, reply: Replies) -> None:
    with pytest.raises(WaitTimeout, match="goes on") as raised:
        driver.drive(waiting(driver, timeout=7), [reply(GENERATING) for _ in range(100)])

    assert driver.now == pytest.approx(7)
    assert {request.method for request in driver.requests} == {"GET"}
    assert isinstance(raised.value, TimeoutError)


def test_a_server_that_goes_away_meanwhile_is_waited_for(
    driver: Driver, reply: Replies, refused: ServerUnavailable
) -> None:
    troubles: list[ReelworkError] = []
    events = [reply(GENERATING), refused, refused, reply({}, 503, retry_after="9"), reply(COMPLETED)]

    (video,) = driver.drive(waiting(driver, on_trouble=troubles.append), events)

    assert video.status == "completed"
    assert len(troubles) == 3
    assert driver.pauses[-1] == 9


def test_too_many_requests_only_slow_the_looking(driver: Driver, reply: Replies) -> None:
    events = [reply(GENERATING), reply({}, 429, retry_after="20"), reply(COMPLETED)]
    driver.drive(waiting(driver), events)

    assert driver.pauses[-1] == 20


def test_a_server_that_stays_away_is_given_up(driver: Driver, reply: Replies, refused: ServerUnavailable) -> None:
    with pytest.raises(ServerUnavailable):
        driver.drive(waiting(driver), [reply(GENERATING), *[refused] * 1000])

    assert OUTAGE_S < driver.now < OUTAGE_S + 10


def test_a_server_that_was_never_there_is_told_at_once(driver: Driver, refused: ServerUnavailable) -> None:
    with pytest.raises(ServerUnavailable):
        driver.drive(waiting(driver), [refused])

    assert driver.pauses == []


def test_a_video_deleted_meanwhile_ends_the_waiting(driver: Driver, reply: Replies) -> None:
    with pytest.raises(NotFound):
        driver.drive(waiting(driver), [reply(GENERATING), reply({}, 404)])


def test_a_storyboard_is_waited_for_with_one_request_a_look(driver: Driver, reply: Replies) -> None:
    first = {"storyboardId": "tale", "jobs": [COMPLETED, {**GENERATING, "jobId": "b"}, {**GENERATING, "jobId": "c"}]}
    done = {"storyboardId": "tale", "jobs": [COMPLETED, {**COMPLETED, "jobId": "b"}, {**GENERATING, "jobId": "c"}]}

    videos = driver.drive(wait_storyboard("tale", job_ids=["b", "a"]), [reply(first), reply(done)])

    assert [video.job_id for video in videos] == ["b", "a"]
    assert [request.path for request in driver.requests] == ["/api/storyboards/tale"] * 2


def test_a_video_that_its_storyboard_does_not_show_is_asked_for_itself(driver: Driver, reply: Replies) -> None:
    empty = reply({"storyboardId": "tale", "jobs": []})

    (video,) = driver.drive(wait_storyboard("tale", job_ids=["a"]), [empty, reply(COMPLETED)])

    assert video.job_id == "a"
