"""A link opens exactly one file, until its time is up, and only if this server signed it."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app.links import FileLinks

OLD, NEW = b"o" * 32, b"n" * 32
NOW = 1_900_000_000.0
KEY = "0192-job/1/video.mp4"


def parts_of(path: str) -> tuple[str, str]:
    query = parse_qs(urlsplit(path).query)
    return query["exp"][0], query["sig"][0]


def test_a_signed_link_opens_its_file_until_it_expires() -> None:
    links = FileLinks((NEW,), timedelta(hours=1))

    exp, sig = parts_of(links.path(KEY, NOW))

    assert links.accepts(KEY, exp, sig, NOW + 3599)
    assert not links.accepts(KEY, exp, sig, NOW + 3600)


def test_a_link_opens_no_other_file_and_no_later_moment() -> None:
    links = FileLinks((NEW,), timedelta(hours=1))

    exp, sig = parts_of(links.path(KEY, NOW))

    assert not links.accepts(KEY.replace("video", "other"), exp, sig, NOW)
    assert not links.accepts(KEY, str(int(exp) + 1), sig, NOW)


def test_links_of_the_previous_key_go_on_working_during_a_rotation() -> None:
    exp, sig = parts_of(FileLinks((OLD,), timedelta(hours=1)).path(KEY, NOW))

    assert FileLinks((NEW, OLD), timedelta(hours=1)).accepts(KEY, exp, sig, NOW)
    assert not FileLinks((NEW,), timedelta(hours=1)).accepts(KEY, exp, sig, NOW)


@pytest.mark.parametrize(("exp", "sig"), [("", ""), ("x", "y"), ("9" * 400, "y"), ("²", "y"), ("-1", "é")])
def test_nonsense_in_a_link_is_refused_without_an_error(exp: str, sig: str) -> None:
    assert not FileLinks((NEW,), timedelta(hours=1)).accepts(KEY, exp, sig, NOW)
