"""Opens the client for a command, and turns whatever goes wrong into a sentence and an exit code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from reelwork.cli.exits import Exit, exit_for_error
from reelwork.cli.options import Target
from reelwork.cli.output import Output

if TYPE_CHECKING:
    from reelwork.client import Reelwork
    from reelwork.client.errors import ReelworkError


@contextmanager
def connected(target: Target) -> "Iterator[tuple[Reelwork, Output]]":
    """A client and an output for one command; an error inside ends the process with its code."""
    _import_httpx_without_its_command_line()
    from reelwork.client import Reelwork
    from reelwork.client.errors import ReelworkError

    output = Output(target)
    try:
        with Reelwork(target.url, target.api_key) as client:
            yield client, output
    except ReelworkError as error:
        output.error(error)
        explain(error, output)
        raise typer.Exit(exit_for_error(error)) from error
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        output.error(error)
        raise typer.Exit(Exit.FAILED) from error
    except KeyboardInterrupt:
        raise typer.Exit(Exit.INTERRUPTED) from None


@contextmanager
def goes_on(output: Output, *watch: str, accepted: bool = True) -> Iterator[None]:
    """Who interrupts inside, or has no more patience, is told that the video goes on (if it was accepted), and how to
    see it again."""
    from reelwork.client.errors import WaitTimeout

    again = output.command("watch", *watch)
    try:
        yield
    except KeyboardInterrupt:
        if accepted:
            sentence = f"No longer watching; it goes on. Watch it again: {again}"
        else:
            sentence = f"Interrupted while asking. If the request got through, it goes on; look for it: {again}"
        output.urgent(sentence)
        raise typer.Exit(Exit.INTERRUPTED) from None
    except WaitTimeout as error:
        output.error(error)
        output.note(f"Watch it again: {again}")
        raise typer.Exit(Exit.TIMEOUT) from error


def explain(error: "ReelworkError", output: Output) -> None:
    """What the caller of a command can do about an error, where the server's sentence does not say it."""
    hints = {
        "Unauthorized": "Give one with --api-key or REELWORK_API_KEY; `make run` leaves one in .reelwork/admin_key.",
        "Forbidden": "An administrator, or `python -m app.keys create` on the server, makes a key with that scope.",
        "already_paid": "--discard gives it up.",
        "model_not_found": "`reelwork models` lists what there is.",
    }
    for name in (type(error).__name__, error.code or ""):
        if name in hints:
            output.note(hints[name])


def _import_httpx_without_its_command_line() -> None:
    """httpx imports its own command line if it can, and with it a third of a second of highlighting."""
    if "httpx" in sys.modules:
        return
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
    try:
        import httpx  # noqa: F401
    finally:
        del sys.modules["httpx._main"]
