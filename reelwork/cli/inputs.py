"""Images and storyboards from the caller's disk."""

import base64
import json
import mimetypes
import sys
from pathlib import Path
from typing import Any, Final

from typer import BadParameter

from reelwork.cli.options import Images
from reelwork.job_ids import new_job_ids

IMAGE_BYTES: Final = 20 * 1024 * 1024
"""What a server takes at most for one image."""


def inputs_of(images: Images) -> list[dict[str, str]]:
    """The request's `inputs`; files become data: URLs. BadParameter for what is no image or too large."""
    named = [("first_frame", images.first_frame), ("last_frame", images.last_frame)]
    named += [("reference", reference) for reference in images.reference]
    return [{"role": role, "url": _url_of(place)} for role, place in named if place]


def read_storyboard(file: str) -> dict[str, Any]:
    """The storyboard in a JSON file (`-` reads stdin): `{storyboardId?, defaults?, scenes: […]}`, or only the list of
    scenes; a scene may be plain text."""
    try:
        content = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        board = json.loads(content)
    except (OSError, ValueError) as error:
        raise BadParameter(f"{file} cannot be read as JSON: {error}") from error
    board = {"scenes": board} if isinstance(board, list) else board
    if flaw := _flaw_of(board):
        raise BadParameter(f"{file} {flaw}")
    board["scenes"] = [{"scene": scene} if isinstance(scene, str) else scene for scene in board["scenes"]]
    return board


def with_job_ids(scenes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The scenes, each with a jobId of its own, so that what becomes of them is known before they are sent."""
    ids = new_job_ids(len(scenes))
    return [{**scene, "jobId": scene.get("jobId") or new_id} for scene, new_id in zip(scenes, ids, strict=True)]


def _flaw_of(board: Any) -> str | None:
    if not isinstance(board, dict) or not isinstance(board.get("scenes"), list) or not board["scenes"]:
        return 'has no list of scenes: it must look like {"scenes": ["A fox …"]}'
    if not all(isinstance(scene, str | dict) for scene in board["scenes"]):
        return "has a scene that is neither an object nor text"
    if not isinstance(board.get("defaults", {}), dict):
        return "has defaults that are no object"
    unknown = sorted(board.keys() - {"storyboardId", "defaults", "scenes"})
    return f"has members that a storyboard has not: {', '.join(unknown)}" if unknown else None


def _url_of(place: str) -> str:
    if place.startswith(("https://", "http://", "data:")):
        return place
    path = Path(place)
    kind = mimetypes.guess_type(path.name)[0] or ""
    if not kind.startswith("image/"):
        raise BadParameter(f"{place} is not an image by its name")
    try:
        if path.stat().st_size > IMAGE_BYTES:
            raise BadParameter(f"{place} is larger than {IMAGE_BYTES // 1024 // 1024} MB")
        content = path.read_bytes()
    except OSError as error:
        raise BadParameter(f"{place} cannot be read: {error.strerror}") from error
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
