"""Which models can be called where, and what a wanted video would be and cost; nothing here is written or spent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from providers import kinds, refusals
from providers.catalogue_file import CatalogueFile, parsed_rules, read_catalogue
from providers.configured import ANY_MODEL, by_wildcard, with_configured
from providers.models import Model, Rules, VideoServer, host_of, one_of
from providers.planning import Plan, settle
from providers.successors import Adjustment, Successor, carried_over
from providers.wanted import WantedVideo

BUSY = 503


@dataclass(frozen=True, slots=True)
class Offer:
    """A model as it stands today at its host. `reason` says why it cannot be called, None where it can."""

    model: Model
    host: str
    reason: str | None


class Catalogue:
    """The models of every kind and server.

    `base_urls` in its methods are the configured base URLs by kind (long names); a kind that is missing there is
    called at its provider's own. Named servers have their own URL.
    """

    def __init__(
        self,
        content: CatalogueFile,
        models: Sequence[Model],
        servers: Sequence[VideoServer] = (),
        successors: Sequence[Successor] = (),
    ) -> None:
        self.version = content.version
        self.models = tuple(models)
        self._kinds = content.kinds
        self._servers = {server.name: server for server in servers}
        self._rules = {server.name: _server_rules(server, content) for server in servers}
        self._successors = {(rule.kind, rule.model): rule for rule in successors}

    def rules(self, kind: str, server: str | None = None) -> Rules:
        """What holds for every model of this kind, at this named server; KeyError for a kind there is not."""
        named = self._rules.get(server) if server else None
        return named or self._kinds[kind].rules

    def base_url(self, kind: str, server: str | None, base_urls: Mapping[str, str]) -> str:
        """Where a kind, or one of its named servers, is called."""
        if server is not None:
            return self._servers[server].url
        return base_urls.get(kind) or self._kinds[kind].base_url

    def kinds_of(self, name: str) -> tuple[str, ...]:
        """The kinds (long names) in which this name, alias or `server/model` means something, in the catalogue's order;
        names that only a successor rule knows come last, then those that a server which takes any name would take."""
        found = [m.kind for m in self.models if name in (m.name, f"{m.server}/{m.name}") or name in m.aliases]
        found += [rule.kind for rule in self._successors.values() if rule.model == name]
        if not found and (taker := by_wildcard(self.models, name)):
            found = [taker.kind]
        return tuple(dict.fromkeys(found))

    def find(self, kind: str, name: str | None, server: str | None = None) -> Model:
        """The model of this name, alias or `server/model`, retired or not; ModelNotFound lists what there is."""
        kind = kinds.long(kind)
        wanted = name or self._default_model(kind)
        models = [model for model in self.models if model.kind == kind and (server is None or server == model.server)]
        exact = (m for m in models if wanted == m.name or wanted in m.aliases or wanted == f"{m.server}/{m.name}")
        found = next(exact, None) or by_wildcard(models, wanted)
        if found is None:
            raise refusals.ModelNotFound(_not_found(kind, wanted, models))
        return found

    def resolve(
        self, kind: str, model: str | None, *, host: str | None, server: str | None = None, now: datetime
    ) -> Model:
        """The model to call. `host` is the host or base URL configured for the kind, None for the provider's own.

        Raises ModelNotFound, or ModelRetired where that host has shut it down.
        """
        found = self.find(kind, model, server)
        base_urls = {found.kind: host} if host else {}
        self._refuse_retired(found, base_urls, now)
        return found

    def plan(self, wanted: WantedVideo, *, base_urls: Mapping[str, str], now: datetime) -> Plan:
        """What would be submitted for a wanted video, after any successor has taken its place, and its price.

        Raises ModelNotFound, ModelRetired or CannotDo, the last with every problem at once.
        """
        rule = self._successor_of(wanted)
        adjusted: Mapping[str, Adjustment] = {}
        if rule is None:
            model = self.find(wanted.kind, wanted.model, wanted.server)
            requested = model.name
        else:
            old = self._known(wanted)
            model = self.find(rule.to_kind, rule.to_model)
            requested = old.name if old else rule.model
            wanted, adjusted = carried_over(wanted, old, model, rule)
        self._refuse_retired(model, base_urls, now)
        return self._plan(model, wanted, kinds.long(rule.kind if rule else wanted.kind), requested, adjusted)

    def check_successor(self, rule: Successor) -> None:
        """BadCatalogue where a successor leads to no known model, or to one that has a successor itself."""
        try:
            target = self.find(rule.to_kind, rule.to_model)
        except refusals.ModelNotFound as error:
            raise refusals.BadCatalogue(f"The successor of {rule.model} is not known. {error}") from error
        if (target.kind, target.name) in self._successors:
            raise refusals.BadCatalogue(f"The successor of {rule.model}, {target.name}, has a successor itself.")

    def offers(self, base_urls: Mapping[str, str], now: datetime) -> tuple[Offer, ...]:
        """Every model with whether it can be called today; retired ones are named too, with the reason."""
        return tuple(self._offer(model, base_urls, now) for model in self.named_models())

    def named_models(self) -> tuple[Model, ...]:
        """Every model that has a name of its own."""
        return tuple(model for model in self.models if model.name != ANY_MODEL)

    def _offer(self, model: Model, base_urls: Mapping[str, str], now: datetime) -> Offer:
        host = host_of(self.base_url(model.kind, model.server, base_urls))
        reason = None
        if model.is_retired(host, now):
            reason = f"retired by {host} on {model.retires_at(host)}"
        elif not model.prices:
            reason = "its price is not known"
        return Offer(model, host, reason)

    def _plan(
        self, model: Model, wanted: WantedVideo, kind: str, name: str, adjusted: Mapping[str, Adjustment]
    ) -> Plan:
        settled = settle(model, wanted)
        return Plan(
            model=model,
            requested_kind=kind,
            requested_model=name,
            seconds=settled.seconds,
            estimate_micro_usd=settled.seconds * settled.price_micro_usd,
            catalogue_version=self.version,
            size=settled.frame.size,
            resolution=settled.frame.resolution,
            aspect_ratio=settled.frame.aspect_ratio,
            fps=settled.fps,
            audio=settled.audio,
            seed=wanted.seed,
            negative_prompt=wanted.negative_prompt or None,
            adjusted=adjusted,
        )

    def _default_model(self, kind: str) -> str:
        configured = (model.name for model in self.models if model.kind == kind and model.any_size)
        first = next((name for name in configured if name != ANY_MODEL), None)
        return first or self._kinds[kind].default_model

    def _known(self, wanted: WantedVideo) -> Model | None:
        try:
            return self.find(wanted.kind, wanted.model, wanted.server)
        except refusals.ModelNotFound:
            return None

    def _successor_of(self, wanted: WantedVideo) -> Successor | None:
        if not self._successors:
            return None
        kind, known = kinds.long(wanted.kind), self._known(wanted)
        names = [known.name] if known else []
        names += [wanted.model] if wanted.model else []
        return next((rule for name in names if (rule := self._successors.get((kind, name)))), None)

    def _refuse_retired(self, model: Model, base_urls: Mapping[str, str], now: datetime) -> None:
        host = host_of(self.base_url(model.kind, model.server, base_urls))
        day = model.retires_at(host)
        if day is not None and model.is_retired(host, now):
            raise refusals.ModelRetired(_retired(model, host), model=model.name, host=host, retired_at=day)


def load_catalogue(
    overlay: Path | None = None,
    *,
    openai_models: Mapping[str, Decimal] | None = None,
    servers: Sequence[VideoServer] = (),
    successors: Sequence[Successor] = (),
) -> Catalogue:
    """The built-in catalogue under the operator's file, models, servers and successors.

    `openai_models` are dollars a second by model name, `*` for any other name. BadCatalogue says what is wrong.
    """
    content = read_catalogue(overlay)
    models = with_configured(content.models, openai_models or {}, servers)
    catalogue = Catalogue(content, models, servers, successors)
    for rule in successors:
        catalogue.check_successor(rule)
    return catalogue


def _server_rules(server: VideoServer, content: CatalogueFile) -> Rules:
    """A server of one's own answers 503 while its engine is busy and bills nothing for what it loses."""
    own = server.billing == "free_on_loss"
    usual: dict[str, object] = {"failed_is_free": content.kinds[kinds.OPENAI_VIDEOS].rules.failed_is_free}
    if own:
        usual = {"failed_is_free": True, "free_on_loss": True, "busy_status": (BUSY,)}
    return parsed_rules(f"servers.{server.name}", usual | dict(content.server_rules.get(server.name, {})))


def _not_found(kind: str, name: str, models: Sequence[Model]) -> str:
    names = one_of([model.name for model in models if model.name != ANY_MODEL])
    hint = " Name others in OPENAI_MODELS or OPENAI_VIDEOS_SERVERS." if kind == kinds.OPENAI_VIDEOS else ""
    return f"{kinds.short(kind)} has no model {name}; it has {names}.{hint}"


def _retired(model: Model, host: str) -> str:
    short = kinds.short(model.kind)
    ways = [f"set MODEL_SUCCESSORS={short}:{model.name}={model.successor}"] if model.successor else []
    if model.kind == kinds.OPENAI_VIDEOS:
        ways.append("set OPENAI_BASE_URL or OPENAI_VIDEOS_SERVERS to a server that still speaks its API")
    return f"{model.name} was retired by {host} on {model.retires_at(host)}: {', or '.join(ways)}."
