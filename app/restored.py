"""`python -m app.restored --at TIME`: works a restored dump off, so that nothing is paid for twice."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime

_ABOUT = """
Run this after the database was restored from a backup, before anything else, with the same settings as the API.
Nothing starts, retries or is removed until it is done.

Every video that had not ended when the backup was taken is treated as one whose submission nobody can account for:
finished where its file is in storage; going on where its provider knows it or its listing shows it; all others wait
for a person (GET /api/admin/review). It may be broken off and run again.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """0 where everything is worked off, or a dry run could see everything; 1 where it has to be run again."""
    parser = argparse.ArgumentParser(
        prog="python -m app.restored", description=_ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    what_at = "when the backup was taken, with its zone: 2026-11-25T10:00:00Z; rather too early than too late"
    parser.add_argument("--at", required=True, type=_moment, metavar="TIME", help=what_at)
    parser.add_argument("--dry-run", action="store_true", help="say what would be done and change nothing")
    chosen = parser.parse_args(arguments)
    # Whoever only asks for help needs no settings.
    from app.restore.command import run

    return asyncio.run(run(chosen.at, dry=chosen.dry_run))


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not a time: {text}") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("needs its zone, for example a Z at the end for UTC")
    if moment > datetime.now(moment.tzinfo):
        raise argparse.ArgumentTypeError("lies in the future")
    return moment


if __name__ == "__main__":
    sys.exit(main())
