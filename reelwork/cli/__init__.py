"""The command line `reelwork`: a client of a Reelwork server, for people and for scripts."""

import sys


def main() -> None:
    """Run the command line; ends the process with one of the codes in `exits.py`."""
    from reelwork.cli.app import app

    try:
        app(prog_name="reelwork")
    except KeyboardInterrupt:
        sys.exit(130)
