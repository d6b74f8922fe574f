"""Which provider is meant when a caller names none."""

from collections.abc import Sequence

from reelwork.client.errors import BadRequest, Problem
from reelwork.models import CatalogueModel


def choose_provider(offered: Sequence[CatalogueModel], model: str | None) -> dict[str, str]:
    """The `provider` (and `model`) to send: whoever offers `model`, or the cheapest callable model if that is None.

    BadRequest where nothing fits, saying why not.
    """
    fitting = [entry for entry in offered if model is None or model in (entry.model, *entry.aliases)]
    callable_ones = [entry for entry in fitting if entry.callable and entry.provider]
    if not callable_ones:
        raise BadRequest(_why_not(fitting, model), Problem(code="model_not_callable" if fitting else "model_not_found"))
    chosen = min(callable_ones, key=_price)
    assert chosen.provider is not None
    return {"provider": chosen.provider, "model": model or chosen.model}


def _price(entry: CatalogueModel) -> float:
    price = entry.lowest_price
    return float("inf") if price is None else price


def _why_not(fitting: Sequence[CatalogueModel], model: str | None) -> str:
    if model is None:
        return "No model is callable on this server; `reelwork models` shows what each of them lacks."
    if not fitting:
        return f"The server's catalogue has no model {model!r}: name its provider as well, or choose another model."
    reasons = sorted({entry.reason for entry in fitting if entry.reason})
    return f"Model {model!r} is not callable: {'; '.join(reasons) or 'the server gives no reason'}."
