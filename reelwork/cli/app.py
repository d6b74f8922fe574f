"""The list of commands. What they need is imported when they run, so that help and errors come at once."""

from collections.abc import Callable
from typing import Annotated

import typer

from reelwork import __version__
from reelwork.cli.commands import operating, reviewing
from reelwork.cli.commands.importing import bullmq
from reelwork.cli.commands.jobs import cancel, events, jobs, logs, retry, rm, show
from reelwork.cli.commands.making import generate, storyboard, watch
from reelwork.cli.commands.server import cleanup, health, models, queue
from reelwork.cli.commands.simulator import simulator
from reelwork.cli.exits import HELP
from reelwork.cli.spreading import spread

_MAKE = "Make videos"
_MANAGE = "Look after them"
_SERVER = "Look after the server"

app = typer.Typer(
    name="reelwork",
    help="Ask a Reelwork server for AI videos, watch them being made, fetch them.",
    epilog=HELP,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"reelwork {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Ask a Reelwork server for AI videos, watch them being made, fetch them."""


for panel, commands in {
    _MAKE: (generate, storyboard, watch),
    _MANAGE: (jobs, show, events, logs, retry, cancel, rm),
    _SERVER: (queue, operating.pause, operating.resume, operating.spend, cleanup, health, models, simulator),
}.items():
    for command in commands:
        app.command(rich_help_panel=panel)(spread(command))

importer = typer.Typer(name="import", help="Take over what another queue still has to do.", no_args_is_help=True)
importer.command()(spread(bullmq))
app.add_typer(importer, rich_help_panel=_SERVER)

_GROUPS: dict[Callable[..., None], dict[str, Callable[..., None]]] = {
    reviewing.review: {"show": reviewing.show_review, "resolve": reviewing.resolve},
    operating.lanes: {"pause": operating.pause_lane, "resume": operating.resume_lane, "set": operating.set_lane},
    operating.alerts: {"test": operating.test_alerts},
}
"""Commands that have commands of their own; alone, they list."""

for whole, parts in _GROUPS.items():
    group = typer.Typer(name=whole.__name__, help=whole.__doc__, invoke_without_command=True)
    group.callback()(spread(whole))
    for name, part in parts.items():
        group.command(name)(spread(part))
    app.add_typer(group, rich_help_panel=_SERVER)
