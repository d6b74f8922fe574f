"""Commands that make videos and wait for them: generate, storyboard, watch."""

from typing import TYPE_CHECKING, Annotated
from uuid import uuid4

import typer
from typer import BadParameter

from reelwork.cli.finishing import Scenes, finish_scenes, finish_video
from reelwork.cli.inputs import read_storyboard, with_job_ids
from reelwork.cli.options import Board, Images, Look, Making, Placing, Result, Target
from reelwork.cli.output import Output
from reelwork.cli.saving import check_file, plan_files
from reelwork.cli.session import connected, goes_on
from reelwork.cli.wishes import wishes_of
from reelwork.cli.wording import money
from reelwork.job_ids import new_job_ids

if TYPE_CHECKING:
    from reelwork.models import Accepted

Prompt = Annotated[str, typer.Argument(metavar="PROMPT", help="What is to be seen.", show_default=False)]
File = Annotated[str, typer.Argument(metavar="FILE", help="A JSON file; - reads stdin.", show_default=False)]


def generate(prompt: Prompt, look: Look, images: Images, placing: Placing, result: Making, target: Target) -> None:
    """Make a video from a prompt, watch it, fetch it.

    \b
    reelwork generate "A fox in the snow, at dawn" -o fox.mp4
    reelwork generate "The fox jumps" -m veo-3.1 -s 8 --image fox.png
    reelwork generate "A city at night" --no-wait --json | jq -r .jobId

    The prompt is sent word for word; with a preset it is the scene that the
    server composes the style around. On stdout: the video's address, or with -o
    the file.
    """
    _refuse_useless_output(result)
    check_file(result)
    wishes = wishes_of(look, images, placing)
    job_id = wishes.setdefault("job_id", new_job_ids(1)[0])
    with connected(target) as (client, output):
        with goes_on(output, job_id, accepted=False):
            accepted = client.generate(prompt, provider_key=placing.provider_key, **wishes)
        _announce(output, [accepted])
        if result.wait:
            finish_video(client, output, accepted.job_id, result)
        else:
            output.answer(accepted, accepted.job_id)


def storyboard(file: File, board: Board, result: Making, target: Target) -> None:
    """Make all scenes of a storyboard, all or none; with -o fetch them into a folder.

    \b
    reelwork storyboard trailer.json -o trailer/
    echo '{"scenes": ["A fox wakes", "The fox runs"]}' | reelwork storyboard -

    FILE holds storyboardId, defaults and scenes. Scenes and defaults have the
    members of POST /api/video/generate; a scene may be plain text.
    """
    _refuse_useless_output(result)
    read = read_storyboard(file)
    storyboard_id = board.storyboard_id or read.get("storyboardId") or f"board-{uuid4().hex[:8]}"
    scenes = with_job_ids(read["scenes"])
    chosen = {"provider": board.provider, "model": board.model}
    defaults = {**read.get("defaults", {}), **{name: value for name, value in chosen.items() if value}}
    files = plan_files(result, {scene["jobId"]: scene.get("sceneId") for scene in scenes})
    with connected(target) as (client, output):
        with goes_on(output, "--storyboard", storyboard_id, accepted=False):
            accepted = client.generate_storyboard(
                storyboard_id, scenes, defaults=defaults, provider_key=board.provider_key
            )
        _announce(output, accepted.jobs)
        if not result.wait:
            output.answer(accepted, *(job.job_id for job in accepted.jobs))
            return
        asked = Scenes(storyboard_id, [job.job_id for job in accepted.jobs], files)
        finish_scenes(client, output, asked, result.timeout)


def watch(
    target: Target,
    result: Result,
    job: Annotated[str | None, typer.Argument(metavar="JOB", help="A video's id.", show_default=False)] = None,
    storyboard: Annotated[str | None, typer.Option(metavar="ID", help="All videos of this storyboard.")] = None,
) -> None:
    """Watch a video, or all of a storyboard, until it is done; with -o fetch it too.

    \b
    reelwork watch 3f0c5f0e-8d2b-4c6f-9d47-0a54f7d2c1aa -o fox.mp4
    reelwork watch --storyboard trailer -o trailer/
    """
    if (job is None) == (storyboard is None):
        raise BadParameter("name a JOB, or a --storyboard")
    if job is not None:
        check_file(result)
    with connected(target) as (client, output):
        if job is not None:
            finish_video(client, output, job, result)
        else:
            assert storyboard is not None
            found = client.storyboard(storyboard).jobs
            files = plan_files(result, {video.job_id: video.scene_id for video in found})
            asked = Scenes(storyboard, [video.job_id for video in found], files)
            finish_scenes(client, output, asked, result.timeout)


def _refuse_useless_output(result: Making) -> None:
    if result.output is not None and not result.wait:
        raise BadParameter("--output needs the finished video: leave --no-wait out")


def _announce(output: Output, accepted: "list[Accepted]") -> None:
    known = [job.cost_estimate_usd for job in accepted if job.cost_estimate_usd is not None]
    price = f"about {money(sum(known))}" if len(known) == len(accepted) else "price unknown"
    models = ", ".join(sorted({f"{job.model} at {job.provider}" for job in accepted}))
    what = accepted[0].job_id if len(accepted) == 1 else f"{len(accepted)} videos"
    output.note(f"Accepted {what}: {models}, {price}.")
    for job in accepted:
        if job.adjusted:
            output.note(f"{job.requested_model} is made by {job.model} now: {job.adjusted}", "yellow")
