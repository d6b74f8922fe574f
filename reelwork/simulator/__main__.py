"""`python -m reelwork.simulator --port N`."""

import argparse
import sys
from dataclasses import fields

from reelwork.simulator import DEFAULT_PORT, MissingExtra, serve
from reelwork.simulator.options import Options

_USAGE = """Every option of the simulator can be set as NAME=VALUE, for example:
  python -m reelwork.simulator --port 8700 generation_s=3 submit_delay_ms=300
  python -m reelwork.simulator --fault submit=429,probability=0.1,retry_after=2

Options: """


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and serve; 0 after an orderly end, 2 for a wrong call, 1 where it cannot serve."""
    parser = argparse.ArgumentParser(
        prog="python -m reelwork.simulator",
        description="Serve OpenAI Videos, Gemini Omni and Veo on Vertex, simulated, on one port.",
        epilog=_USAGE + ", ".join(field.name for field in fields(Options)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    parser.add_argument("--media-port", type=int, default=0, help="second port, for redirects (0: any free one)")
    parser.add_argument("--fault", action="append", default=[], metavar="RULE", help="a fault rule; may be repeated")
    parser.add_argument("options", nargs="*", metavar="NAME=VALUE")
    given = parser.parse_args(arguments)
    pairs = [option.partition("=") for option in given.options]
    if any(not equals for _, equals, _ in pairs):
        parser.error("options are written NAME=VALUE")
    options = {name.replace("-", "_"): value for name, _, value in pairs}
    try:
        serve(given.host, given.port, media_port=given.media_port, faults=given.fault, announce=_announce, **options)
    except ValueError as exc:
        parser.error(str(exc))
    except (MissingExtra, OSError) as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    return 0


def _announce(url: str) -> None:
    sys.stdout.write(f"simulator: OpenAI at {url}/v1, Gemini and Vertex at {url}, control at {url}/_sim\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
