"""What an operator is told of: each condition with its key and its sentence."""

from datetime import date, datetime, timedelta

from db import ledger, queue_figures, troubles
from db.connection import Pool
from db.ledger import Budget
from db.troubles import Trouble
from observing.page import Limits
from providers.models import Model

_COPY_EXPIRES = timedelta(hours=1)
_RETIRES = timedelta(days=30)
_MICROS = 1_000_000

_SENTENCES = {
    "no_worker": "No worker lives: nothing starts and nothing is fetched. Start one; its log says why it stopped.",
    "waiting": "A video that could start has waited too long: workers are full or stuck. See `reelwork queue`.",
    "needs_review": "{count} video(s) need a decision, as nobody knows whether the provider accepted them. See "
    "`reelwork review`.",
    "storage": "{count} finished video(s) cannot be stored: {detail}. They are tried again until STORAGE_URL works.",
    "copy_expires": "The provider drops its copy of {count} video(s) that are not fetched yet, from {detail} UTC on.",
    "breaker": "A provider is in trouble and its lane starts only probes: {detail}.",
    "key_refused": "A provider refuses the key, or its quota is used up: {detail}. Its videos wait until it works.",
    "budget_80": "Four fifths {detail} are spent or reserved.",
    "budget_100": "All {detail} is spent or reserved: new videos are refused.",
}
OF_THE_API = ("budget_80", "budget_100", "retires")
OF_ALL = tuple(what for what in _SENTENCES if what not in OF_THE_API)
"""What each process judges: the part of a key before its colon."""


async def seen(pool: Pool, limits: Limits) -> dict[str, str]:
    """Every condition that any process can see: its key, and what to say."""
    found = await troubles.troubles(pool, limits.lease, _COPY_EXPIRES)
    if all(one.what != "no_worker" for one in found) and await queue_figures.is_stalled(pool, limits.stall):
        found.append(Trouble("waiting", "", None, 0))
    return {_key(one.what, one.subject): _said(one) for one in found}


async def spent(pool: Pool, limits: Limits) -> dict[str, str]:
    """Budgets of which four fifths or all are spent. Only the API judges them: it is the one who refuses."""
    found: list[Trouble] = []
    for budget in await ledger.standings(pool, ledger.utc_day(), limits.budget_micros):
        if budget.is_nearly_spent:
            found += await _spent(pool, budget)
    return {_key(one.what, one.subject): _said(one) for one in found}


def retiring(models: list[tuple[Model, str]], now: datetime) -> dict[str, str]:
    """Models, each with the host it is called at, that end within thirty days."""
    found = {}
    for model, host in models:
        ends = model.retires_at(host)
        if ends is not None and now.date() <= ends <= (now + _RETIRES).date():
            found[_key("retires", f"{model.name}@{host}")] = _ending(model.name, host, ends)
    return found


def _ending(name: str, host: str, ends: date) -> str:
    return f"{host} retires {name} on {ends}. MODEL_SUCCESSORS names what takes its place."


async def _spent(pool: Pool, budget: Budget) -> list[Trouble]:
    """Nearly spent; and wholly, where less is left than the cheapest of the day's videos was to cost."""
    whose = f"{budget.scope}'s" + (f" ({budget.id})" if budget.id else "")
    words = f"of the {whose} budget a {budget.period} ({budget.limit_micros / _MICROS:.2f} USD)"
    subject = f"{budget.scope}/{budget.id or ''}/{budget.period}"
    cheapest = await troubles.cheapest_reserve(pool) or 1
    passed = ["budget_80"] + (["budget_100"] if budget.left_micros < cheapest else [])
    return [Trouble(what, subject, words, 0) for what in passed]


def _said(one: Trouble) -> str:
    return _SENTENCES[one.what].format(count=one.count, detail=one.detail or "no reason given")


def _key(what: str, subject: str) -> str:
    return f"{what}:{subject}" if subject else what
