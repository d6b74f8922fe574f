"""The models that settings add: priced names at the kind's own server, and those of named servers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from providers import kinds
from providers.base import InputRole
from providers.models import Model, Span, VideoServer, micro_usd
from providers.refusals import BadCatalogue

ANY_MODEL = "*"
LONGEST_SECONDS = 600


def with_configured(
    built_in: Sequence[Model], openai_models: Mapping[str, Decimal], servers: Sequence[VideoServer]
) -> list[Model]:
    """All models, configured ones first so that they win a name; a priced built-in one keeps its limits."""
    priced = [_named(built_in, name).at(None, _micro_usd(name, price)) for name, price in openai_models.items()]
    taken = {model.name for model in priced}
    kept = [model for model in built_in if model.kind != kinds.OPENAI_VIDEOS or model.name not in taken]
    return [*priced, *_served(built_in, servers), *kept]


def by_wildcard(models: Sequence[Model], name: str) -> Model | None:
    """The model of a server that takes any name, `server/name` choosing among several; None where none does."""
    takers = [model for model in models if model.name == ANY_MODEL]
    for model in takers:
        if model.server and name.startswith(f"{model.server}/"):
            return replace(model, name=name.removeprefix(f"{model.server}/"))
    return replace(takers[0], name=name) if takers else None


def _served(built_in: Sequence[Model], servers: Sequence[VideoServer]) -> Iterable[Model]:
    for server in servers:
        price = server.price_per_second_usd
        for name in server.models:
            yield _named(built_in, name).at(server.name, None if price is None else _micro_usd(name, price))


def _named(built_in: Sequence[Model], name: str) -> Model:
    known = (model for model in built_in if model.kind == kinds.OPENAI_VIDEOS and model.name == name)
    return next(known, None) or _unlisted(name)


def _unlisted(name: str) -> Model:
    """A model of which only the name is known: it may be asked for anything that the dialect can say."""
    return Model(
        kind=kinds.OPENAI_VIDEOS,
        name=name,
        seconds=Span(1, LONGEST_SECONDS),
        default_seconds=4,
        prices={},
        any_size=True,
        fps=Span(1, 120),
        audio="open",
        negative_prompt=True,
        seed=True,
        inputs={InputRole.FIRST_FRAME: 1},
    )


def _micro_usd(name: str, price: Decimal) -> int:
    try:
        return micro_usd(price)
    except ValueError as error:
        raise BadCatalogue(f"The price of {name} is wrong: {error}.") from error
