"""All jobs that a caller may see, page by page; and the models that can be asked for."""

from datetime import UTC, datetime
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app import views
from app.answers.videos import ModelOffers, VideoPage
from app.calls import Call, guarded
from app.cursors import cursor, position
from app.model_views import model_view
from app.problems import FieldError, invalid
from app.scopes import Scope
from app.validation import number
from db import reads
from db.reads import Filter

_USUAL, _MOST = 50, 200


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/jobs", "GET", Scope.READ, listed),
        guarded("/api/models", "GET", Scope.READ, models),
    ]


async def listed(call: Call) -> Response:
    """Newest first; `nextCursor` goes into `after` for the next page and is null on the last one."""
    limit = number(call.request, "limit", _USUAL, _MOST)
    found = await reads.page(call.deps.pool, _filter(call), limit + 1)
    jobs = [await views.video(seen, call.deps.links, call.server_url) for seen in found[:limit]]
    last = found[limit - 1].row if len(found) > limit else None
    following = cursor(last.created_at, last.id) if last else None
    return JSONResponse(VideoPage(jobs=jobs, nextCursor=following))


async def models(call: Call) -> Response:
    """Every model of the catalogue with whether it can be called here today."""
    offers = call.deps.catalogue.offers(call.deps.accounts.base_urls, datetime.now(UTC))
    return JSONResponse(ModelOffers(models=[model_view(offer, call.deps.accounts) for offer in offers]))


def _filter(call: Call) -> Filter:
    query = call.request.query_params
    chosen: dict[str, Any] = {}
    if (status := query.get("status")) is not None:
        if status not in views.STATUSES:
            raise invalid([FieldError("status", f"must be one of {', '.join(views.STATUSES)}")])
        chosen["states"] = views.states_of(status)
    if after := query.get("after"):
        chosen["after"] = position(after, "after")
    return Filter(client_id=call.principal.visible_client, storyboard_id=query.get("storyboardId"), **chosen)
