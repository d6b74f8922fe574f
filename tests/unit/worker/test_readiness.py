"""Which folders are kept in memory."""

from pathlib import Path

import pytest

from worker.readiness import is_memory

MOUNTS = """
/dev/vda / ext4 rw 0 0
tmpfs /tmp tmpfs rw 0 0
/dev/vdb /tmp/disk ext4 rw 0 0
""".lstrip()


@pytest.mark.parametrize(
    ("folder", "expected"), [("/srv/work", False), ("/tmp/reelwork", True), ("/tmp/disk/work", False)]
)
def test_the_nearest_mount_decides(tmp_path: Path, folder: str, expected: bool) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)

    assert is_memory(Path(folder), mounts) is expected


def test_where_the_system_does_not_tell_it_is_a_disk(tmp_path: Path) -> None:
    assert not is_memory(tmp_path, tmp_path / "absent")
