"""Waits for videos before the caller's eyes, saves them as they come, and says how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from reelwork.cli.exits import Exit, exit_for_videos
from reelwork.cli.options import Result
from reelwork.cli.output import Output
from reelwork.cli.progress import watching
from reelwork.cli.saving import save
from reelwork.cli.session import goes_on
from reelwork.cli.wording import describe, duration, money, name_of

if TYPE_CHECKING:
    from reelwork.client import Reelwork
    from reelwork.models import Video


def finish_video(client: "Reelwork", output: Output, job_id: str, result: Result) -> None:
    """Wait for one video, save it if asked, print its address or file; ends the process if it did not complete."""
    with goes_on(output, job_id):
        with watching(output, [job_id]) as display:
            video = client.wait(job_id, timeout=result.timeout, on_change=display.saw, on_trouble=display.troubled)
        saved = None
        if result.output is not None and video.status == "completed":
            saved = save(client, output, video, result.output)
    if output.as_json:
        output.json({**video.wire(), "savedTo": str(saved)} if saved else video.wire())
    elif video.status == "completed":
        output.note(_success(video), "green")
        output.line(str(saved or video.video_url or video.job_id))
    else:
        output.urgent(f"{video.job_id} {describe(video)}")
    _end([video])


@dataclass(frozen=True, slots=True)
class Scenes:
    """Jobs of a storyboard, and the file for each that is to be saved."""

    storyboard_id: str
    job_ids: Sequence[str]
    files: Mapping[str, Path]


def finish_scenes(client: "Reelwork", output: Output, scenes: Scenes, timeout: float | None) -> None:
    """As `finish_video`, for many: wait for all, save, list them."""
    with goes_on(output, "--storyboard", scenes.storyboard_id):
        with watching(output, scenes.job_ids) as display:
            videos = client.wait_storyboard(
                scenes.storyboard_id,
                job_ids=scenes.job_ids,
                timeout=timeout,
                on_change=display.saw,
                on_trouble=display.troubled,
            )
        saved = {
            video.job_id: save(client, output, video, scenes.files[video.job_id])
            for video in videos
            if video.status == "completed" and video.job_id in scenes.files
        }
    _list(output, scenes.storyboard_id, videos, saved)
    _end(videos)


def _list(output: Output, storyboard_id: str, videos: "list[Video]", saved: Mapping[str, Path]) -> None:
    if output.as_json:
        jobs = [
            {**video.wire(), "savedTo": str(saved[video.job_id])} if video.job_id in saved else video.wire()
            for video in videos
        ]
        output.json({"storyboardId": storyboard_id, "jobs": jobs})
        return
    where = [saved.get(video.job_id) or video.video_url or describe(video) for video in videos]
    if output.is_piped:
        rows = [(name_of(video), video.status, video.job_id, place) for video, place in zip(videos, where, strict=True)]
        output.table(("Scene", "Status", "Job", "Video"), rows)
        return
    for video, place in zip(videos, where, strict=True):
        output.line(f"{name_of(video)}: {place}")


def _success(video: "Video") -> str:
    took = duration(video.elapsed_time)
    cost = f", {money(video.cost_usd)}" if video.cost_usd is not None else ""
    return f"Completed{f' in {took}' if took else ''}{cost}{' (simulated)' if video.simulated else ''}."


def _end(videos: "list[Video]") -> None:
    code = exit_for_videos(videos)
    if code is not Exit.DONE:
        raise typer.Exit(code)
