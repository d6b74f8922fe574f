"""The report of a run, in lines."""

from collections import Counter
from collections.abc import Iterator, Sequence

from bench.chaos.recovery import Wait, percentile
from bench.chaos.run import Result

PROMISES = (
    "lost",
    "stuck",
    "paid twice",
    "paid, in no book",
    "place not freed",
    "ledger wrong",
    "file wrong",
    "orphan file",
    "process exited",
)
_SHOWN_MOST = 12


def lines(result: Result) -> Iterator[str]:
    """What happened, what was promised, and each breach by name."""
    states, broken = result.states, Counter(finding.promise for finding in result.findings)
    yield f"seed {result.plan.seed}: {result.acts} acts in {result.seconds:.0f} s, callers saw {_counts(result)}"
    yield f"  accepted         {result.accepted} of {result.plan.jobs}, {result.paid} submissions paid"
    yield f"  completed        {states['completed']}"
    yield f"  failed           {states['failed']} for a right reason, {broken['wrong ending']} with a wrong ending"
    yield f"  cancelled        {states['cancelled']}"
    yield f"  needs review     {states['needs_review']}"
    for promise in (*PROMISES, *sorted(broken.keys() - {*PROMISES, "wrong ending"})):
        yield f"  {promise:<16} {broken[promise]}"
    yield f"  answers lost     {result.found} found in a listing, {result.absent} proven not accepted"
    yield f"  swept            {result.swept} unfinished uploads of killed processes"
    if result.leavings:
        yield f"  left on SIGTERM  {len(result.leavings)} processes, within {max(result.leavings):.1f} s"
    yield from _recovery(result.waits)
    for finding in result.findings[:_SHOWN_MOST]:
        yield f"  BROKEN {finding.promise}: {finding.about} {finding.sentence}"
    if len(result.findings) > _SHOWN_MOST:
        yield f"  … and {len(result.findings) - _SHOWN_MOST} more"


def _counts(result: Result) -> str:
    return ", ".join(f"{count} {what}" for what, count in result.callers_saw.most_common()) or "no trouble"


def _recovery(waits: Sequence[Wait]) -> Iterator[str]:
    for how in sorted({wait.fell_by for wait in waits}):
        for calm, words in ((True, "calm"), (False, "while Postgres or all other workers were away too")):
            seconds = [wait.seconds for wait in waits if (wait.fell_by, wait.calm) == (how, calm)]
            if seconds:
                p50, p99 = percentile(seconds, 0.5), percentile(seconds, 0.99)
                numbers = f"p50 {p50:.1f} s  p99 {p99:.1f} s  max {max(seconds):.1f} s"
                yield f"  recovery         {how}: {len(seconds)} videos, {numbers} ({words})"
