"""A window reads exactly its part of the file, in small pieces."""

import base64
import hashlib
import os
from pathlib import Path

import pytest

from storage.file_window import OpenFile
from storage.s3_upload import PART_BYTES, part_windows


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) * 4096)
    return path


def test_a_window_is_its_part_of_the_file_and_no_more(path: Path) -> None:
    with OpenFile(path) as file:
        window = file.window(300_000, 600_000)
        pieces = []
        while piece := window.read():
            pieces.append(piece)

    assert b"".join(pieces) == path.read_bytes()[300_000:900_000]
    assert max(len(piece) for piece in pieces) == 256 * 1024
    assert len(window) == 600_000


def test_a_window_ends_with_the_file(path: Path) -> None:
    with OpenFile(path) as file:
        last = file.window(file.size - 10, 600_000)

        assert len(last) == 10
        assert last.read(1_000_000) == path.read_bytes()[-10:]
        assert len(file.window(file.size + 5, 10)) == 0


def test_a_window_can_be_read_again_from_any_place(path: Path) -> None:
    with OpenFile(path) as file:
        window = file.window(1_000, 100)
        first = window.read()

        assert window.seek(0) == 0
        assert window.read() == first
        assert window.seek(-10, os.SEEK_END) == 90
        assert window.read() == first[90:]


def test_two_windows_of_one_file_do_not_disturb_each_other(path: Path) -> None:
    with OpenFile(path) as file:
        one, two = file.window(0, 1_000), file.window(1_000, 1_000)

        assert (
            one.read(10) + two.read(10) + one.read(10)
            == path.read_bytes()[:10] + path.read_bytes()[1_000:1_010] + path.read_bytes()[10:20]
        )


def test_the_md5_is_the_windows_own_and_leaves_it_at_its_start(path: Path) -> None:
    with OpenFile(path) as file:
        window = file.window(5, 500_000)
        expected = hashlib.md5(path.read_bytes()[5:500_005]).digest()

        assert base64.b64decode(window.md5()) == expected
        assert window.tell() == 0


@pytest.mark.parametrize("size", [PART_BYTES + 1, 1 << 30, 200 << 30])
def test_the_parts_of_an_upload_cover_the_file_and_are_at_most_ten_thousand(tmp_path: Path, size: int) -> None:
    path = tmp_path / "large"
    path.touch()
    os.truncate(path, size)

    with OpenFile(path) as file:
        sizes = [len(window) for window in part_windows(file)]

    assert sum(sizes) == size
    assert len(set(sizes[:-1])) <= 1
    assert sizes[0] >= PART_BYTES
    assert len(sizes) <= 10_000
