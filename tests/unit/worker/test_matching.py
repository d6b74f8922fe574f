"""Whose a listed video is: what counts as the same, what cannot be told, and how videos are shared out."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from db.submissions import Open
from providers.base import RemoteStatus, RemoteVideo
from providers.likeness import Asked, Likeness, likeness
from worker.matching import may_be_of, pair_up

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NO_SKEW = timedelta(0)
ASKED = Asked("a cat that sits upon a mat", "wan", {"seconds": 4, "size": "1280x720"})
SHOWN = RemoteVideo(
    "video_1",
    RemoteStatus.RUNNING,
    "running",
    created_at=NOON,
    model="wan",
    prompt="a cat that sits upon a mat",
    seconds="4",
    size="1280x720",
)


def lost(at_s: float = 0, inputs_hash: bytes | None = None) -> Open:
    intent_at = NOON + timedelta(seconds=at_s)
    return Open(uuid4(), uuid4(), intent_at, intent_at + timedelta(seconds=60), inputs_hash, 0)


def video(name: str, at_s: float = 0) -> RemoteVideo:
    return replace(SHOWN, provider_id=name, created_at=NOON + timedelta(seconds=at_s))


@pytest.mark.parametrize(
    ("shown", "alike"),
    [
        ({}, Likeness.SAME),
        ({"prompt": " a cat that sits upon a mat\n"}, Likeness.SAME),
        ({"model": None, "seconds": None, "size": None}, Likeness.SAME),
        ({"seconds": "4s"}, Likeness.SAME),
        ({"prompt": None}, Likeness.HIDDEN),
        ({"created_at": None}, Likeness.HIDDEN),
        ({"prompt": "a cat that sits upon…"}, Likeness.HIDDEN),
        ({"prompt": "a cat"}, Likeness.OTHER),
        ({"model": "wan-2026"}, Likeness.OTHER),
        ({"prompt": None, "seconds": "8"}, Likeness.OTHER),
        ({"seconds": "four"}, Likeness.OTHER),
        ({"size": "640x360"}, Likeness.OTHER),
    ],
)
def test_a_listing_shows_the_request_another_one_or_too_little(shown: dict[str, object], alike: Likeness) -> None:
    assert likeness(replace(SHOWN, **shown), ASKED) is alike


@pytest.mark.parametrize(("at_s", "fits"), [(-6, False), (-5, True), (65, True), (66, False)])
def test_a_video_is_made_between_the_intent_and_the_deadline(at_s: float, fits: bool) -> None:
    an_hour = timedelta(hours=1)

    assert may_be_of(video("v", at_s), lost(), NO_SKEW) is fits
    assert may_be_of(video("v", at_s + 3600), lost(), an_hour) is fits


def test_identical_requests_get_one_video_each_the_oldest_first() -> None:
    first, second, third = lost(0), lost(1), lost(2)

    pairs = pair_up([first, second, third], [video("late", 3), video("early", 1)], NO_SKEW)

    assert pairs == [(first, video("early", 1)), (second, video("late", 3))]


def test_a_video_outside_of_everybodys_time_is_nobodys() -> None:
    assert pair_up([lost()], [video("old", -3600)], NO_SKEW) == []


def test_one_video_for_one_request_with_an_image_is_its_own() -> None:
    one = lost(inputs_hash=b"aa")

    assert pair_up([one], [video("v")], NO_SKEW) == [(one, video("v"))]


def test_requests_with_different_images_are_never_shared_out() -> None:
    assert pair_up([lost(0, b"aa"), lost(1, b"bb")], [video("v"), video("w")], NO_SKEW) is None
    assert pair_up([lost(0, b"aa")], [video("v")], NO_SKEW, others=[lost(1, b"bb")]) is None


def test_a_strangers_video_beside_that_of_an_image_leaves_it_open() -> None:
    assert pair_up([lost(inputs_hash=b"aa")], [video("v"), video("w")], NO_SKEW) is None


def test_another_claimant_long_ago_stands_in_nobodys_way() -> None:
    one = lost(0, b"aa")

    assert pair_up([one], [video("v")], NO_SKEW, others=[lost(-3600, b"bb")]) == [(one, video("v"))]
