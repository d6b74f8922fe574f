"""The command that serves the provider simulator."""

import signal
from typing import TYPE_CHECKING, Annotated

import typer
from typer import BadParameter

from reelwork.cli.exits import Exit
from reelwork.cli.options import Target
from reelwork.cli.output import Output
from reelwork.simulator import DEFAULT_PORT, MissingExtra

if TYPE_CHECKING:
    from reelwork.simulator.server import SimulatorServer

Settings = Annotated[list[str] | None, typer.Argument(metavar="NAME=VALUE", help="Its options.", show_default=False)]
Faults = Annotated[list[str] | None, typer.Option("--fault", metavar="RULE", help="A fault; may be repeated.")]


def simulator(
    settings: Settings = None,
    port: Annotated[int, typer.Option("--port", "-p", help="Where it listens; 0 takes a free one.")] = DEFAULT_PORT,
    host: Annotated[str, typer.Option(help="On which address.")] = "127.0.0.1",
    media_port: Annotated[int, typer.Option(help="A second port, for redirects; 0 takes a free one.")] = 0,
    fault: Faults = None,
    as_json: Annotated[bool, typer.Option("--json", help="Say where it is as JSON on stdout.")] = False,
) -> None:
    """Pretend to be the video providers: wire formats, real MP4s, faults; free.

    \b
    reelwork simulator --port 8700
    reelwork simulator generation_s=3 submit_delay_ms=300
    reelwork simulator --fault submit=429,probability=0.1,retry_after=2

    It needs no server, no database and no keys; Ctrl-C ends it. Its options and
    faults are those of `python -m reelwork.simulator --help`.
    """
    output = Output(Target(as_json=as_json))
    try:
        server = _prepare(host, port, media_port, fault or [], _named(settings or []))
    except ValueError as error:
        raise BadParameter(str(error)) from error
    except (MissingExtra, OSError) as error:
        output.error(error)
        raise typer.Exit(Exit.FAILED) from error
    # Before uvicorn takes the signals itself: a KeyboardInterrupt that falls into a finaliser would be lost.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, server.handle_exit)
    _tell(output, server.url)
    server.run(server.sockets)


def _prepare(host: str, port: int, media_port: int, faults: list[str], options: dict[str, str]) -> "SimulatorServer":
    from reelwork.simulator.extra import require_extra

    require_extra()
    from reelwork.simulator.running import prepare

    return prepare(host, port, media_port=media_port, faults=faults, options=options)


def _named(settings: list[str]) -> dict[str, str]:
    pairs = [setting.partition("=") for setting in settings]
    if any(not equals for _, equals, _ in pairs):
        raise BadParameter("options are written NAME=VALUE")
    return {name.replace("-", "_"): value for name, _, value in pairs}


def _tell(output: Output, url: str) -> None:
    bases = {"OPENAI_BASE_URL": f"{url}/v1", "GEMINI_BASE_URL": url, "VERTEX_BASE_URL": url}
    if output.as_json:
        output.json({"url": url, **bases})
        return
    output.line(url)
    output.note("The providers are simulated there until Ctrl-C; any key is good. For what calls them:")
    output.note(" ".join(f"{name}={base}" for name, base in bases.items()))
