"""GET /v1/models: the names that a create takes here today, whatever kind is behind them."""

from datetime import UTC, datetime

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.answers.openai import OpenAIModel, OpenAIModels
from app.calls import Call, guarded
from app.openai.requests import no_model
from app.problems import Problem
from app.scopes import Scope
from db import credentials
from providers import kinds
from providers.models import Model
from providers.refusals import Refusal
from providers.wanted import WantedVideo


def routes() -> list[BaseRoute]:
    return [
        guarded("/v1/models", "GET", Scope.READ, listed),
        guarded("/v1/models/{model:path}", "GET", Scope.READ, show),
    ]


async def listed(call: Call) -> Response:
    """Models that their host still has, or which have a successor, with a known price and a key to call them by."""
    shown = [_view(call, model) for model in call.deps.catalogue.named_models() if await _can_be_called(call, model)]
    return JSONResponse(OpenAIModels(object="list", data=shown))


async def show(call: Call) -> Response:
    """One model by its name, an alias or `server/model`; 404 for what cannot be called."""
    name = call.request.path_params["model"]
    for kind in call.deps.catalogue.kinds_of(name):
        model = call.deps.catalogue.find(kind, name)
        if await _can_be_called(call, model):
            return JSONResponse(_view(call, model))
    problem = no_model(name)
    raise Problem(404, problem.code, problem.detail, errors=problem.errors)


def _view(call: Call, model: Model) -> OpenAIModel:
    """`created` is not known here."""
    is_usual = call.deps.catalogue.find(model.kind, model.name) == model
    name = model.name if is_usual else f"{model.server}/{model.name}"
    return {"id": name, "object": "model", "created": 0, "owned_by": model.server or kinds.short(model.kind)}


async def _can_be_called(call: Call, model: Model) -> bool:
    """Whether a create of this client that names it would be accepted."""
    deps = call.deps
    wanted = WantedVideo(kind=model.kind, model=model.name, server=model.server)
    try:
        chosen = deps.catalogue.plan(wanted, base_urls=deps.accounts.base_urls, now=datetime.now(UTC)).model
    except Refusal:
        return False
    if (chosen.kind, chosen.server) in deps.accounts.own:
        return True
    base_url = deps.catalogue.base_url(chosen.kind, chosen.server, deps.accounts.base_urls)
    return await credentials.stored_for(deps.pool, call.principal.client_id, chosen.kind, base_url) is not None
