from pathlib import Path

from bench.chaos.books import File
from bench.chaos.reading import files_in

SHA256_OF_X = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


def test_published_files_are_read_and_temporary_ones_and_notes_are_not(tmp_path: Path) -> None:
    for name in ("job/1/video.mp4", ".incoming/0.part", ".reelwork/history.json"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("x")

    assert files_in(tmp_path) == {"job/1/video.mp4": File(1, SHA256_OF_X)}
