"""Where videos are saved, decided before money is spent; and the saving."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from typer import BadParameter

from reelwork.cli.options import Result
from reelwork.cli.output import Output
from reelwork.cli.wording import size_of

if TYPE_CHECKING:
    from reelwork.client import Reelwork
    from reelwork.models import Video


def check_file(result: Result) -> None:
    """BadParameter where the output is in the way of the video, or its folder is missing."""
    output = result.output
    if output is None or output.is_dir():
        return
    if output.exists() and not result.force:
        raise BadParameter(f"{output} is there already; --force replaces it")
    if not output.parent.is_dir():
        raise BadParameter(f"the folder {output.parent} is not there")


def plan_files(result: Result, scene_ids: Mapping[str, str | None]) -> dict[str, Path]:
    """A file in the output folder for each job id of a storyboard, named by its scene, or by the job's own id.

    BadParameter where the folder is a file, or a file is in the way.
    """
    folder = result.output
    if folder is None:
        return {}
    if folder.exists() and not folder.is_dir():
        raise BadParameter(f"{folder} is a file; a storyboard needs a folder")
    files: dict[str, Path] = {}
    for job_id, scene_id in scene_ids.items():
        file = folder / f"{_safe(scene_id) or job_id}.mp4"
        files[job_id] = folder / f"{job_id}.mp4" if file in files.values() else file
    if taken := [file.name for file in files.values() if file.exists() and not result.force]:
        raise BadParameter(f"{folder} holds {', '.join(taken)} already; --force replaces what is there")
    return files


def save(client: "Reelwork", output: Output, video: "Video", to: Path) -> Path:
    """Download a completed video and say so; returns the file."""
    saved = client.download(video.job_id, to)
    output.note(f"Saved {saved} ({size_of(saved.stat().st_size)}).", "green")
    return saved


def _safe(name: str | None) -> str:
    return re.sub(r"[^\w.-]+", "-", name or "").strip(".-")[:80]
