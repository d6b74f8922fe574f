"""Which bytes a Range header asks for."""

import pytest

from app.byte_ranges import NoSuchRange, Part, is_known, requested_part


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-", Part(0, 100)),
        ("bytes=0-0", Part(0, 1)),
        ("bytes=10-19", Part(10, 20)),
        ("bytes=90-500", Part(90, 100)),
        ("bytes=-10", Part(90, 100)),
        ("bytes=-500", Part(0, 100)),
    ],
)
def test_one_range_of_a_file_of_a_hundred_bytes(header: str, part: Part) -> None:
    assert requested_part(header, 100) == part


@pytest.mark.parametrize(
    "header", [None, "", "bytes=-", "bytes=5-2", "bytes=0-1,5-6", "items=0-1", "bytes=a-b", "bytes=" + "9" * 40 + "-"]
)
def test_a_form_we_do_not_serve_means_the_whole_file(header: str | None) -> None:
    assert requested_part(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=200-300", "bytes=-0"])
def test_a_range_outside_the_file_is_refused(header: str) -> None:
    with pytest.raises(NoSuchRange):
        requested_part(header, 100)


def test_a_callers_copy_is_recognised_by_its_tag() -> None:
    assert is_known('"a", "b"', '"b"')
    assert is_known('W/"b"', '"b"')
    assert is_known("*", '"b"')
    assert not is_known('"a"', '"b"')
    assert not is_known(None, '"b"')
