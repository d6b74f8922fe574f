"""What a worker says of its folder for transfers when it starts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from worker.space import look_at_space


@pytest.fixture
def warnings() -> Iterator[list[str]]:
    said: list[str] = []
    sink = logger.add(lambda message: said.append(message.record["message"]), level="WARNING")
    yield said
    logger.remove(sink)


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    """A system whose /tmp is on disk, but for one folder of it."""
    path = tmp_path / "mounts"
    path.write_text(f"/dev/sda / ext4 rw 0 0\ntmpfs {tmp_path}/memory tmpfs rw 0 0\nodd\n")
    (tmp_path / "memory").mkdir()
    return path


def test_a_folder_with_room_on_a_disk_is_nothing_to_speak_of(tmp_path: Path, mounts: Path, warnings: list[str]) -> None:
    look_at_space(tmp_path, 1, mounts)

    assert warnings == []


def test_too_little_room_names_the_settings(tmp_path: Path, mounts: Path, warnings: list[str]) -> None:
    look_at_space(tmp_path, 1 << 62, mounts)

    (said,) = warnings
    assert "TRANSFER_CONCURRENCY x MAX_VIDEO_BYTES" in said


def test_a_folder_in_memory_is_pointed_out(tmp_path: Path, mounts: Path, warnings: list[str]) -> None:
    look_at_space(tmp_path / "memory", 1, mounts)

    assert ["in memory" in said for said in warnings] == [True]


def test_a_system_that_hides_its_mounts_is_no_obstacle(tmp_path: Path, warnings: list[str]) -> None:
    look_at_space(tmp_path, 1, tmp_path / "absent")

    assert warnings == []
