"""`python -m bench.chaos --jobs 10000 --seeds 1 2 3 4`: exit code 1 if any promise was broken in any of the runs."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from bench.chaos.plans import long_plan, short_plan
from bench.chaos.report import lines
from bench.chaos.run import Plan, run
from bench.chaos.schedule import schedule


def main() -> int:
    """Run each seed in a new folder; folders of broken runs are kept, with all logs and data."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--short", action="store_true", help="the form that the tests use")
    parser.add_argument("--print", action="store_true", help="show the seeds' schedules and do nothing")
    parser.add_argument("--keep", action="store_true", help="keep the folders of good runs too")
    given = parser.parse_args()
    plans = [(short_plan if given.short else long_plan)(seed, given.jobs) for seed in given.seeds]
    if given.print:
        for plan in plans:
            _say(f"seed {plan.seed}", *(str(act) for act in schedule(plan.seed, plan.shape)))
        return 0
    return max(_one(plan, keep=given.keep) for plan in plans)


def _one(plan: Plan, *, keep: bool) -> int:
    folder = Path(tempfile.mkdtemp(prefix=f"reelwork-chaos-{plan.seed}-"))
    folder.chmod(0o711)  # the engines' own user goes through it
    _say(f"seed {plan.seed}: {plan.jobs} jobs in {folder}", *(str(act) for act in schedule(plan.seed, plan.shape)))
    result = asyncio.run(run(plan, folder, _tell))
    _say("", *lines(result))
    if result.findings or keep:
        _say(f"  logs and data are in {folder}")
    else:
        shutil.rmtree(folder)
    return 1 if result.findings else 0


def _tell(line: str) -> None:
    """One line that changes on a terminal; elsewhere each is a line of its own."""
    sys.stdout.write(f"\r\033[K{line}" if sys.stdout.isatty() else f"{line}\n")
    sys.stdout.flush()


def _say(*told: str) -> None:
    sys.stdout.write("\n".join(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
