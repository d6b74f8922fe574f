"""What the SDKs are given."""

from pathlib import Path

import pytest


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A file that begins as a PNG does."""
    path = tmp_path / "first.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    return path
