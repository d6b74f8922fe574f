"""What is wrong, in words, and what to do about it: for whoever looks at night."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from app.answers.overview import Advice
from app.health import Health
from app.money import usd
from db.lane_settings import LaneStanding
from db.ledger import Budget
from db.tables import Installation
from providers import kinds

_RETIRES_WITHIN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Facts:
    """What advice is made of. `retiring` are models with the day on which their host ends them."""

    health: Health
    installation: Installation
    lanes: Sequence[LaneStanding]
    budgets: Sequence[Budget]
    collecting_again: int
    retiring: Sequence[tuple[str, date]]
    now: datetime
    budget_is_set: bool


def advise(facts: Facts) -> list[Advice]:
    """The worst first."""
    found = [*_of_work(facts), *_of_lanes(facts), *_of_money(facts), *_of_models(facts)]
    return sorted(found, key=lambda one: ("bad", "warn", "note").index(one["level"]))


def _of_work(facts: Facts) -> Iterator[Advice]:
    health, figures = facts.health, facts.health.figures
    if health.restored:
        yield _bad(f"The database is an old dump: {health.restored}.")
    elif facts.installation.paused:
        reason = facts.installation.pause_reason
        yield _bad(f"All spending is paused ({reason}): nothing new starts until you resume it.", "/admin/lanes")
    if not health.workers:
        open_jobs = figures.waiting + figures.active
        waits = f", and {_wait(open_jobs)} for one" if open_jobs else ""
        yield _bad(f"No worker is alive{waits}. Start one: python -m arq worker.WorkerSettings.")
    elif health.stalled:
        text = "A due video waits too long although its lane could start it. Look at the worker's log."
        yield _bad(text, "/admin/jobs?stage=queued")
    if figures.needs_review:
        noun = "video needs" if figures.needs_review == 1 else "videos need"
        yield _bad(f"{figures.needs_review} {noun} a decision: it may already be paid for.", "/admin/review")
    if facts.collecting_again:
        text = f"{facts.collecting_again} paid videos are not stored yet: mend the storage before the copies expire."
        yield _bad(text, "/admin/jobs?stage=collecting")


def _of_lanes(facts: Facts) -> Iterator[Advice]:
    for one in facts.lanes:
        lane, name = one.lane, f"{kinds.short(one.lane.kind)} …{one.lane.key_last4}"
        waits = _wait(one.queued)
        if lane.breaker != "closed":
            yield _bad(f"The lane {name} is held back after errors ({lane.breaker_reason}); {waits}.", "/admin/lanes")
        elif lane.paused:
            text = f"The lane {name} stands still ({lane.pause_reason or 'paused'}); {waits}."
            yield _told("warn" if one.queued else "note", text, "/admin/lanes")
        elif lane.blocked_until and lane.blocked_until > facts.now and one.queued:
            yield _told("warn", f"The lane {name} waits: {lane.blocked_reason}; {waits}.", "/admin/lanes")


def _of_money(facts: Facts) -> Iterator[Advice]:
    for budget in facts.budgets:
        if not budget.is_nearly_spent:
            continue
        share = f"${usd(budget.committed_micros):,.2f} of ${usd(budget.limit_micros):,.2f}"
        text = f"The {budget.scope}'s budget of this {budget.period} is nearly spent: {share}."
        yield _bad(text) if budget.left_micros <= 0 else _told("warn", text)
    if not facts.budget_is_set:
        yield _told("note", "No budget is set: BUDGET_USD_PER_DAY would limit what a day may cost.")


def _of_models(facts: Facts) -> Iterator[Advice]:
    for name, day in facts.retiring:
        if 0 <= (day - facts.now.date()).days <= _RETIRES_WITHIN_DAYS:
            yield _told("warn", f"The model {name} ends on {day}. Name its successor in MODEL_SUCCESSORS.")


def _wait(jobs: int) -> str:
    if jobs == 0:
        return "nothing waits"
    return "1 video waits" if jobs == 1 else f"{jobs:,} videos wait"


def _bad(text: str, page: str | None = None) -> Advice:
    return _told("bad", text, page)


def _told(level: str, text: str, page: str | None = None) -> Advice:
    return {"level": level, "text": text, "page": page}
