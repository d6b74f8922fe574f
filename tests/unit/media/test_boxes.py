"""Whether a file is a whole MP4 is told from its boxes, and the reason is one that a person understands."""

import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.boxes import check_boxes
from media.errors import NotAVideo


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


def large_box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content


FTYP, MOOV, MDAT = box(b"ftyp", b"isom"), box(b"moov", bytes(50)), box(b"mdat", bytes(500))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


@pytest.mark.parametrize(
    "content",
    [
        FTYP + MOOV + MDAT,
        FTYP + MDAT + MOOV,
        FTYP + box(b"free") + large_box(b"mdat", bytes(100)) + MOOV,
        FTYP + MOOV + struct.pack(">I4s", 0, b"mdat") + bytes(700),
        FTYP + MOOV + (box(b"moof", bytes(20)) + MDAT) * 300,
        FTYP + MOOV + MDAT + bytes(5),
        FTYP + MOOV + MDAT + bytes(4096),
        MDAT + MOOV,
    ],
)
def test_a_whole_mp4_passes(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    check_boxes(str(path))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "HTML"),
        (b"\xef\xbb\xbf\n  <html>", "HTML"),
        (b'{"error": {"message": "gone"}}', "JSON"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(100), "JPEG"),
        (b"#EXTM3U\nfile:///etc/passwd\n", "playlist"),
        (b"\x1aE\xdf\xa3" + bytes(100), "WebM"),
        (b"not found", "unknown kind"),
        (bytes(5000), "unknown kind"),
        (FTYP, "no index"),
        (FTYP + MDAT, "no index"),
        (FTYP + MDAT[:100], "cut short"),
        (FTYP + MOOV[:20], "cut short"),
        (FTYP + MOOV + MDAT[:-1], "cut short: 577 of at least 578 bytes"),
        (FTYP + MOOV + large_box(b"mdat", bytes(100))[:-1], "cut short"),
        (FTYP + MOOV + struct.pack(">I4sQ", 1, b"mdat", 1 << 60), "cut short"),
    ],
)
def test_anything_else_is_refused_with_its_reason(path: Path, content: bytes, reason: str) -> None:
    path.write_bytes(content)

    with pytest.raises(NotAVideo) as refusal:
        check_boxes(str(path))

    assert reason in refusal.value.reason


@given(content=st.binary(max_size=300), starts_well=st.booleans())
def test_no_bytes_make_it_fail_in_another_way(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, starts_well: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / f"boxes-{os.getpid()}"
    path.write_bytes((FTYP if starts_well else b"") + content)

    try:
        check_boxes(str(path))
    except NotAVideo as refusal:
        assert refusal.reason
