"""A model of the catalogue as callers read it: what it takes, what it costs, and why it cannot be called."""

from app.accounts import Accounts
from app.answers.videos import ModelOffer
from app.answers.videos import Span as SpanView
from app.money import usd
from providers import kinds
from providers.catalogue import Offer
from providers.models import ANY_RESOLUTION, Choice, Model, Span


def model_view(offer: Offer, accounts: Accounts) -> ModelOffer:
    """One entry of GET /api/models. `reason` is null where the server's own account can call it."""
    model = offer.model
    reason = offer.reason or _no_key(model, accounts)
    retires_at = model.retires_at(offer.host)
    return {
        "kind": model.kind,
        "provider": kinds.short(model.kind),
        "model": model.name,
        "aliases": list(model.aliases),
        "server": model.server,
        "callable": reason is None,
        "reason": reason,
        "pricePerSecondUsd": _prices(model),
        "seconds": _choice(model.seconds),
        "defaultSeconds": model.default_seconds,
        "sizes": list(model.sizes),
        "anySize": model.any_size,
        "resolutions": list(model.resolutions),
        "aspectRatios": list(model.aspect_ratios),
        "audio": model.audio,
        "inputs": {role.value: most for role, most in model.inputs.items()},
        "negativePrompt": model.negative_prompt,
        "seed": model.seed,
        "retiredAt": retires_at.isoformat() if retires_at else None,
        "mayRetireFrom": model.may_retire_from.isoformat() if model.may_retire_from else None,
        "successor": model.successor,
    }


def _no_key(model: Model, accounts: Accounts) -> str | None:
    if (model.kind, model.server) in accounts.own:
        return None
    return "this server has no key of its own for it; a call may bring one"


def _prices(model: Model) -> float | dict[str, float] | None:
    """One figure where every resolution costs the same, else one by resolution; dollars a second."""
    if not model.prices:
        return None
    if set(model.prices) == {ANY_RESOLUTION}:
        return usd(model.prices[ANY_RESOLUTION])
    return {resolution: usd(price) for resolution, price in model.prices.items()}


def _choice(choice: Choice) -> list[int] | SpanView:
    return {"min": choice.min, "max": choice.max} if isinstance(choice, Span) else list(choice)
