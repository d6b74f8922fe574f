"""`python -m bench.speed --flights 100 500 2000 --seconds 20`: measures, prints the tables and writes them down."""

import argparse
import sys
from pathlib import Path

from bench.speed.report import lines
from bench.speed.run import PARTS, Wanted, run


def main() -> int:
    """The report's files go to `--out`."""
    parser = argparse.ArgumentParser(prog="python -m bench.speed", description=__doc__)
    parser.add_argument("--flights", type=int, nargs="+", default=[100, 500, 2000], help="videos in flight, a run each")
    parser.add_argument("--seconds", type=float, default=20, help="how long the provider takes for a video")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--out", type=Path, default=Path("build/bench"))
    given = parser.parse_args()
    report = run(Wanted(given.flights, given.seconds, given.only), _tell, given.out)
    sys.stdout.write("\n".join(["", *lines(report), "", f"written to {given.out}", ""]))
    return 0


def _tell(line: str) -> None:
    """One line that changes on a terminal; elsewhere each is a line of its own."""
    sys.stdout.write(f"\r\033[K{line}" if sys.stdout.isatty() else f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
