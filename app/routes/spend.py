"""What was spent, in sums and line by line."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import get_args
from uuid import UUID

from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute

from app import budgets
from app.answers.dashboard import Spend, SpendGroup, SpentBy
from app.calls import Call, guarded
from app.money import usd
from app.problems import FieldError, invalid
from app.scopes import Scope
from app.spreadsheets import Cell, Number, csv_lines
from db import ledger, spend
from db.spend import By, Line, Sum, Wanted
from providers import kinds

_LONGEST = timedelta(days=366)
_COLUMNS = (
    *("id", "at", "day", "clientId", "client", "laneId", "provider", "keyLast4", "model", "jobId", "attempt"),
    *("entry", "amountUsd", "deltaUsd", "note", "catalogueVersion"),
)


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/admin/spend", "GET", Scope.OBSERVE, summed),
        guarded("/api/admin/ledger.csv", "GET", Scope.OBSERVE, exported),
    ]


async def summed(call: Call) -> Response:
    """Sums by any of day, month, client, lane and model, and every budget as it stands today."""
    pool, wanted, by = call.deps.pool, _wanted(call), _by(call)
    groups = await spend.sums(pool, wanted, by)
    standing = await ledger.standings(pool, ledger.utc_day(), call.deps.policy.budget_micros)
    answer: Spend = {
        "from": wanted.first.isoformat(),
        "to": wanted.last.isoformat(),
        "groups": [_group(one, by) for one in groups],
        "spentUsd": usd(sum(one.spent_micros for one in groups)),
        "reservedUsd": usd(sum(one.reserved_micros for one in groups)),
        "budgets": [budgets.shown(budget) for budget in standing],
    }
    return JSONResponse(answer)


async def exported(call: Call) -> Response:
    """The ledger's lines as CSV, however many there are: it is written while it is read."""
    wanted = _wanted(call)

    async def text() -> AsyncIterator[str]:
        yield csv_lines([_COLUMNS])
        async for some in spend.lines(call.deps.pool, wanted):
            yield csv_lines([_cells(line) for line in some])

    name = f"ledger-{wanted.first}-{wanted.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return StreamingResponse(text(), headers=headers, media_type="text/csv; charset=utf-8")


def _wanted(call: Call) -> Wanted:
    """The current month unless the query says otherwise. Raises Problem."""
    today = datetime.now(UTC).date()
    first = _day(call, "from") or today.replace(day=1)
    last = _day(call, "to") or max(today, first)
    if not timedelta() <= last - first <= _LONGEST:
        raise invalid([FieldError("to", "must be from that day on, and within 366 days of it")])
    return Wanted(first, last, _id(call, "clientId"), _id(call, "laneId"))


def _by(call: Call) -> Sequence[By]:
    words = [word.strip() for word in call.request.query_params.get("by", "day").split(",")]
    known = get_args(By)
    if not set(words) <= set(known):
        raise invalid([FieldError("by", f"must be one or more of {', '.join(known)}")])
    return [name for name in known if name in words]


def _day(call: Call, name: str) -> date | None:
    word = call.request.query_params.get(name)
    try:
        return date.fromisoformat(word) if word else None
    except ValueError:
        raise invalid([FieldError(name, "must be a day like 2026-01-31")]) from None


def _id(call: Call, name: str) -> UUID | None:
    word = call.request.query_params.get(name)
    try:
        return UUID(word) if word else None
    except ValueError:
        raise invalid([FieldError(name, "is not a UUID")]) from None


def _group(one: Sum, by: Sequence[By]) -> SpendGroup:
    members: dict[By, SpentBy] = {
        "day": {"day": one.day.isoformat() if one.day else None},
        "month": {"month": one.month},
        "client": {"clientId": str(one.client_id), "client": one.client},
        "lane": {"laneId": str(one.lane_id), "provider": _provider(one.kind), "keyLast4": one.key_last4},
        "model": {"model": one.model},
    }
    shown = SpentBy()
    for word in by:
        shown.update(members[word])
    spent, reserved = usd(one.spent_micros), usd(one.reserved_micros)
    return {**shown, "spentUsd": spent, "reservedUsd": reserved, "attempts": one.attempts}


def _cells(line: Line) -> Sequence[Cell]:
    return (
        line.id,
        line.at.astimezone(UTC).isoformat(),
        line.day.isoformat(),
        str(line.client_id),
        line.client,
        str(line.lane_id),
        _provider(line.kind),
        line.key_last4,
        line.model,
        str(line.job_id),
        line.attempt,
        line.entry,
        _amount(line.micros),
        _amount(line.delta_micros),
        line.note,
        line.catalogue_version,
    )


def _amount(micros: int) -> Number:
    """Exact, whatever a float would make of it."""
    return Number(f"{Decimal(micros).scaleb(-6):f}")


def _provider(kind: str | None) -> str | None:
    return kinds.short(kind) if kind else None
