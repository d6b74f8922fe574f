"""Budgets as callers and operators see them: what is left, what was refused, and what is nearly spent."""

from collections.abc import Sequence
from http import HTTPStatus

from loguru import logger

from app.answers.operators import BudgetStanding
from app.money import usd
from app.problems import Problem
from db.ledger import Budget, OverBudget

_WHOSE = {"installation": "this installation's", "client": "this client's", "lane": "this provider account's"}


def over_budget(error: OverBudget) -> Problem:
    """402 with what is left, and of which budget."""
    budget, left, wanted = error.budget, usd(error.left_micros), usd(error.wanted_micros)
    detail = (
        f"{_WHOSE[budget.scope]} budget of {span(budget)} (UTC) has {left:.2f} USD left; this needs {wanted:.2f} USD"
    )
    extra = {"remainingUsd": left, "costEstimateUsd": wanted, "day": budget.day.isoformat()}
    extra |= {"budget": budget.scope, "period": budget.period}
    return Problem(HTTPStatus.PAYMENT_REQUIRED, "over_budget", detail[0].upper() + detail[1:], extra=extra)


def span(budget: Budget) -> str:
    """The day or the month, as ISO 8601 has it."""
    return budget.day.isoformat() if budget.period == "day" else f"{budget.day:%Y-%m}"


def shown(budget: Budget) -> BudgetStanding:
    """One budget for an operator; `id` is the client's or the lane's."""
    return {
        "budget": budget.scope,
        "id": str(budget.id) if budget.id else None,
        "period": budget.period,
        "span": span(budget),
        "limitUsd": usd(budget.limit_micros),
        "committedUsd": usd(budget.committed_micros),
        "remainingUsd": usd(budget.left_micros),
        "nearlySpent": budget.is_nearly_spent,
    }


def warn_of(budgets: Sequence[Budget]) -> None:
    """One line for each budget that has just passed four fifths."""
    for budget in budgets:
        logger.warning(
            "budget nearly spent: four fifths are committed",
            action="budget",
            kind=f"{budget.scope} {span(budget)}",
            client_id=budget.id if budget.scope == "client" else None,
            lane_id=budget.id if budget.scope == "lane" else None,
            count=round(usd(budget.committed_micros), 2),
            total=usd(budget.limit_micros),
        )
