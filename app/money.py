"""Money on the wire: dollars as JSON numbers, exact to the millionth that rows and ledger count in."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

MICROS = 1_000_000
Dollars = Annotated[float, Field(ge=0, le=1_000_000_000)]

_COLUMNS = {"budget_usd_per_day": "budget_day_micros", "budget_usd_per_month": "budget_month_micros"}


def usd(micros: int) -> float:
    """Dollars of an amount in millionths."""
    return micros / MICROS


def usd_or_none(micros: int | None) -> float | None:
    return None if micros is None else usd(micros)


def columns_of(body: BaseModel) -> dict[str, Any]:
    """The members that were sent, budgets among them as the columns that hold them."""
    sent = {name: getattr(body, name) for name in body.model_fields_set}
    return {_COLUMNS.get(name, name): _micros(value) if name in _COLUMNS else value for name, value in sent.items()}


def _micros(dollars: float | None) -> int | None:
    return None if dollars is None else round(dollars * MICROS)
