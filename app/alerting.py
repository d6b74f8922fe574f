"""What only the API can judge: budgets, which it holds, and the models that it can call."""

from datetime import UTC, datetime

from app.deps import Deps
from observing import conditions


async def seen(deps: Deps) -> dict[str, str]:
    """Spent budgets, and models with a key of the server's own that end within thirty days."""
    now = datetime.now(UTC)
    callable_now = [
        (offer.model, offer.host)
        for offer in deps.catalogue.offers(deps.accounts.base_urls, now)
        if offer.reason is None and (offer.model.kind, offer.model.server) in deps.accounts.own
    ]
    return await conditions.spent(deps.pool, deps.policy.limits) | conditions.retiring(callable_now, now)
