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
        _explain(error, output)
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
    """Who interrupts inside is told that the video goes on (if it was accepted), and how to see it again."""
    try:
        yield
    except KeyboardInterrupt:
        again = output.command("watch", *watch)
        if accepted:
            sentence = f"No longer watching; it goes on. Watch it again: {again}"
        else:
            sentence = f"Interrupted while asking. If the request got through, it goes on; look for it: {again}"
        output.urgent(sentence)
        raise typer.Exit(Exit.INTERRUPTED) from None


def _explain(error: "ReelworkError", output: Output) -> None:
    if type(error).__name__ == "Unauthorized":
        output.note("Give the key with --api-key or REELWORK_API_KEY; `make run` leaves one in .reelwork/admin_key.")


def _import_httpx_without_its_command_line() -> None:
    """httpx imports its own command line if it can, and with it a third of a second of highlighting."""
    if "httpx" in sys.modules:
        return
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
    try:
        import httpx  # noqa: F401
    finally:
        del sys.modules["httpx._main"]
