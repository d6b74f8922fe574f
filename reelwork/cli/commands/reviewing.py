"""The inbox of videos whose submission nobody can account for, and what a person decides about one."""

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer import BadParameter

from reelwork.cli.commands.jobs import JobId, show
from reelwork.cli.options import Target
from reelwork.cli.session import connected
from reelwork.cli.wording import age, money

if TYPE_CHECKING:
    from reelwork.models import Video

Action = Annotated[
    Literal["adopt", "resubmit", "fail"], typer.Argument(help="What is to become of it.", show_default=False)
]


def review(context: typer.Context, target: Target) -> None:
    """Videos that need a decision: nobody knows whether the provider accepted them."""
    if context.invoked_subcommand:
        return
    with connected(target) as (client, output):
        found = client.review()
        if output.as_json:
            output.json(found.wire())
            return
        rows = [
            (
                video.job_id,
                video.provider,
                video.model,
                money(video.cost_estimate_usd),
                age(video.created_at),
                video.prompt,
            )
            for video in found.jobs
        ]
        output.table(("Job", "Provider", "Model", "Costs", "Age", "Prompt"), rows, spare=("Model", "Age"))
        if found.jobs:
            output.note(f"Decide with: {output.command('review', 'resolve', 'JOB', 'adopt|resubmit|fail')}")
        else:
            output.note("Nothing needs a decision.", "green")


def show_review(job: JobId, target: Target) -> None:
    """Everything about one of them."""
    show(job, target)


def resolve(
    job: JobId,
    action: Action,
    target: Target,
    provider_id: Annotated[str | None, typer.Option("--id", help="Of the provider's video, to adopt it.")] = None,
    note: Annotated[str | None, typer.Option("--note", help="Why; it stands in the timeline.")] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask; what it may cost is said all the same.")
    ] = False,
) -> None:
    """Decide: adopt the provider's video, submit again (may pay twice), or give it up.

    What that may cost is said first, and asked about unless you say --yes.
    """
    if (action == "adopt") != (provider_id is not None):
        raise BadParameter("adopt needs the provider's --id, and only adopt takes one")
    with connected(target) as (client, output):
        output.urgent(_cost_of(action, client.get(job)))
        if not yes and not _agreed():
            raise typer.Abort
        done = client.resolve(job, action, provider_job_id=provider_id, note=note)
        output.answer(done, f"{job}: {done.wire().get('stage') or 'decided'}")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise BadParameter("nobody can be asked here: say --yes if that is what you want")
    return typer.confirm("Do it?", err=True)


def _cost_of(action: str, video: "Video") -> str:
    price = money(video.cost_estimate_usd)
    if action == "adopt":
        return f"Adopting costs nothing more: the {price} of this video are spent already."
    if action == "resubmit":
        return f"Submitting again costs {price}. If the first submission was accepted after all, it is paid twice."
    return f"Giving up costs nothing more, but books its {price} as spent: it may have been accepted."
