"""The command that serves the provider simulator."""

from typing import Annotated

import typer


def simulator(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", help="Where it listens; 0 takes a free one.")] = 8100,
    host: Annotated[str, typer.Option("--host", help="On which address.")] = "127.0.0.1",
) -> None:
    """Pretend to be the video providers: their wire formats, real MP4s, faults on demand; no keys, no cost."""
