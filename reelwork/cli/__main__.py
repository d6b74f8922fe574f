"""`python -m reelwork.cli` is `reelwork`."""

from reelwork.cli import main

main()
