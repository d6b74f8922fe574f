import stat
from pathlib import Path

from devstack.keys import local_keys


def test_keys_are_made_once_and_only_their_owner_can_read_them(tmp_path: Path) -> None:
    made = local_keys(tmp_path, {})

    assert local_keys(tmp_path, {}) == made
    assert len(made.admin) >= 32
    assert len(bytes.fromhex(made.encryption)) == 32
    for name in ("admin_key", "encryption_key"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_an_admin_key_from_outside_is_written_where_the_command_line_looks(tmp_path: Path) -> None:
    local_keys(tmp_path, {})

    local_keys(tmp_path, {"ADMIN_KEY": "a" * 40})

    assert (tmp_path / "admin_key").read_text().strip() == "a" * 40


def test_an_encryption_key_from_outside_never_replaces_the_one_that_sealed_something(tmp_path: Path) -> None:
    made = local_keys(tmp_path, {})

    used = local_keys(tmp_path, {"ENCRYPTION_KEY": "b" * 64})

    assert used.encryption == "b" * 64
    assert local_keys(tmp_path, {}).encryption == made.encryption


def test_keys_are_not_shown(tmp_path: Path) -> None:
    made = local_keys(tmp_path, {})

    assert made.admin not in repr(made)
    assert made.encryption not in repr(made)
