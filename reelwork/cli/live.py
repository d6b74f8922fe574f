"""Tables that stay on the screen and change with what they show."""

from collections.abc import Callable
from time import sleep
from typing import Annotated

from typer import BadParameter, Option

from reelwork.cli.output import Output

Watch = Annotated[bool, Option("--watch", "-w", help="Stay, and show it anew every two seconds until Ctrl-C.")]
_EVERY_S = 2.0


def again_and_again(output: Output, wanted: bool, show: Callable[[], None]) -> None:
    """Show it once; where it is wanted, again and again on a screen of its own, which is gone afterwards."""
    if not wanted:
        show()
        return
    if output.is_piped or output.as_json:
        raise BadParameter("--watch needs a terminal, and no --json")
    from rich.console import Console

    console = Console()
    with console.screen():
        while True:
            console.clear()
            show()
            sleep(_EVERY_S)
