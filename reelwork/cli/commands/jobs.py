"""Commands about videos that exist: jobs, show, events, retry, cancel, rm."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from reelwork.cli.exits import Exit, exit_for_error
from reelwork.cli.options import Target
from reelwork.cli.session import connected, explain
from reelwork.cli.wording import age, describe, duration, moment_of, money

if TYPE_CHECKING:
    from reelwork.cli.output import Output
    from reelwork.client import Reelwork
    from reelwork.models import Event, Video
    from reelwork.models_base import Answer

JobId = Annotated[str, typer.Argument(metavar="JOB", help="The video's id.", show_default=False)]
JobIds = Annotated[list[str], typer.Argument(metavar="JOB...", help="The videos' ids.", show_default=False)]
_SAID_ELSEWHERE = ("id", "jobId", "type", "at", "storyboardId", "sceneId", "status")
Discard = Annotated[bool, typer.Option("--discard", help="Give up what is already paid for.")]


def jobs(
    target: Target,
    status: Annotated[
        str | None, typer.Option(help="queued, processing, completed, failed, cancelled or needs_review.")
    ] = None,
    storyboard: Annotated[str | None, typer.Option(metavar="ID", help="Only of this storyboard.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many at most.")] = 20,
    after: Annotated[str | None, typer.Option(metavar="CURSOR", help="Go on after an earlier list.")] = None,
) -> None:
    """List videos, the newest first.

    Example: reelwork jobs --status failed --json | jq -r '.jobs[].jobId'
    """
    with connected(target) as (client, output):
        page = client.jobs(status=status, storyboard_id=storyboard, limit=limit, after=after)
        if output.as_json:
            output.json(page.wire())
            return
        headings = ("Job", "Status", "Model", "Age", "Scene", "Prompt")
        output.table(headings, [_row(video) for video in page.jobs], spare=("Scene", "Model", "Age"))
        if not page.jobs:
            output.note("No videos.")
        if page.next_cursor:
            given = {"--status": status, "--storyboard": storyboard, "--limit": str(limit), "--after": page.next_cursor}
            words = [word for name, value in given.items() if value for word in (name, value)]
            output.note(f"More: {output.command('jobs', *words)}")


def show(job: JobId, target: Target) -> None:
    """Everything about one video."""
    with connected(target) as (client, output):
        video = client.get(job)
        output.answer(video, *_lines_of(video))


def events(job: JobId, target: Target) -> None:
    """A video's timeline: every step, every call to the provider."""
    with connected(target) as (client, output):
        timeline = client.events(job)
        if output.as_json:
            output.json(timeline.wire())
            return
        output.table(("When", "After", "What", "Details"), _timeline(timeline.events))


def logs(
    job: JobId,
    target: Target,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until it has ended.")] = False,
) -> None:
    """A video's timeline, a line for each step; with --follow also what comes."""
    with connected(target) as (client, output):
        timeline, first = client.events(job), None
        for event in timeline.events:
            first = first or event.at
            _log(output, event, first)
        if follow:
            from reelwork.client.following import follow as followed

            for event in followed(client, job, max((one.id or 0 for one in timeline.events), default=0)):
                first = first or event.at
                _log(output, event, first)


def _log(output: "Output", event: "Event", first: datetime | None) -> None:
    if output.as_json:
        output.json(event.wire())
        return
    moment, after = moment_of(event.at) or "-", _after(first, event.at) or "-"
    output.line(f"{moment}  {after:>8}  {event.type:<20} {details_of(event) or ''}".rstrip())


def retry(job: JobIds, target: Target) -> None:
    """Let failed videos go on where the money is: fetch again, wait again, or be made (and paid) again."""
    _for_each(job, target, lambda client, each: client.retry(each), "will be tried again")


def cancel(job: JobIds, target: Target, discard: Discard = False) -> None:
    """Stop videos. What is already paid for and cannot be stopped goes on, unless you say --discard."""
    _for_each(job, target, lambda client, each: client.cancel(each, discard=discard), "cancelled")


def rm(job: JobIds, target: Target, discard: Discard = False) -> None:
    """Remove videos that have ended, with their files; others are cancelled instead."""
    _for_each(job, target, lambda client, each: client.delete(each, discard=discard), "deleted")


def _for_each(jobs: list[str], target: Target, act: "Callable[[Reelwork, str], Answer]", done: str) -> None:
    from reelwork.client.errors import ReelworkError, ServerUnavailable

    worst = Exit.DONE
    with connected(target) as (client, output):
        for job in jobs:
            try:
                answer = act(client, job)
            except ServerUnavailable:
                raise
            except ReelworkError as error:
                output.error(error, job)
                explain(error, output)
                worst = max(worst, exit_for_error(error))
            else:
                output.answer(answer, f"{job}: {_outcome(answer, done)}")
    if worst:
        raise typer.Exit(worst)


def _outcome(answer: "Answer", done: str) -> str:
    said = answer.wire()
    if said.get("cancelRequested"):
        return "will be cancelled as soon as it is known what became of its submission"
    price = said.get("costEstimateUsd")
    return str(said.get("status") or said.get("message") or done) + (f", for about {money(price)}" if price else "")


def _row(video: "Video") -> tuple[object, ...]:
    percent = f" {video.progress:.0f} %" if video.progress is not None and not video.is_settled else ""
    model = video.model or video.requested_model
    return video.job_id, video.status + percent, model, age(video.created_at), video.scene_id, video.prompt


def _lines_of(video: "Video") -> list[str]:
    facts: dict[str, object] = {
        "job": video.job_id,
        "status": describe(video),
        "model": _model_of(video),
        "storyboard": " / ".join(filter(None, (video.storyboard_id, video.scene_id))),
        "prompt": video.prompt,
        "cost": f"{money(video.cost_usd)}, estimated {money(video.cost_estimate_usd)}",
        "attempts": video.attempts_made,
        "created": moment_of(video.created_at),
        "completed": moment_of(video.completed_at),
        "took": duration(video.elapsed_time),
        "at provider": video.provider_job_id,
        "video": video.video_url,
        "thumbnail": video.thumbnail_url,
    }
    return [f"{name:<12} {value}" for name, value in facts.items() if value not in (None, "")]


def _model_of(video: "Video") -> str:
    name = f"{video.model or 'not chosen yet'} at {video.provider}"
    if video.requested_model and video.requested_model != video.model:
        name += f", for {video.requested_model}"
    return f"{name} (simulated)" if video.simulated else name


def _timeline(events: "list[Event]") -> list[tuple[object, ...]]:
    first = next((event.at for event in events if event.at), None)
    return [(moment_of(event.at), _after(first, event.at), event.type, details_of(event)) for event in events]


def _after(first: datetime | None, moment: datetime | None) -> str | None:
    return duration((moment - first).total_seconds()) if first and moment else None


def details_of(event: "Event") -> str | None:
    """What an event carries beside its kind and time, as `name=value` words."""
    said = {name: value for name, value in event.wire().items() if name not in _SAID_ELSEWHERE}
    nested = said.pop("data", None)
    if isinstance(nested, dict):
        said |= nested
    words = [f"{name}={_word(value)}" for name, value in said.items() if value not in (None, "", {}, [])]
    return " ".join(words) or None


def _word(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
