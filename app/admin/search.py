"""The list of all jobs, by any of their marks; and what there is to choose from."""

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app import views
from app.admin.searching import from_query
from app.answers.dashboard import Choices, ClientChoice, JobRow, JobRows, ModelChoice
from app.calls import Call, guarded
from app.cursors import cursor, position
from app.money import usd, usd_or_none
from app.problems import FieldError, invalid
from app.scopes import Scope
from app.validation import number
from app.views import moment
from db import clients, job_search
from db.connection import Record
from db.job_search import Order
from db.states import JobState
from providers import kinds

_USUAL, _MOST = 50, 200


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/admin/jobs", "GET", Scope.OBSERVE, listed),
        guarded("/api/admin/choices", "GET", Scope.OBSERVE, choices),
    ]


async def listed(call: Call) -> Response:
    """A page in the order that `sort` names; `nextCursor` goes into `after`."""
    query, limit = call.request.query_params, number(call.request, "limit", _USUAL, _MOST)
    order = _order(query.get("sort", Order.NEWEST))
    after = position(query["after"], "after") if query.get("after") else None
    found = await job_search.page(call.deps.pool, from_query(query), order, after, limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    at = "completed_at" if order is Order.ENDED else "created_at"
    following = cursor(last[at], last["id"]) if last else None
    return JSONResponse(JobRows(jobs=[_row(row) for row in found[:limit]], nextCursor=following))


async def choices(call: Call) -> Response:
    """What filters can name: clients, providers with their models, statuses and stages."""
    found = await clients.listed(call.deps.pool)
    models = [(kinds.short(model.kind), model.name) for model in call.deps.catalogue.named_models()]
    answer = Choices(
        clients=[ClientChoice(id=str(row.id), name=row.name) for row in found],
        models=[ModelChoice(provider=provider, model=model) for provider, model in models],
        statuses=list(views.STATUSES),
        stages=[state for state in JobState if state is not JobState.DELETING],
    )
    return JSONResponse(answer)


def _order(word: str) -> Order:
    try:
        return Order(word)
    except ValueError:
        raise invalid([FieldError("sort", f"must be one of {', '.join(Order)}")]) from None


def _row(row: Record) -> JobRow:
    return {
        "jobId": str(row["id"]),
        "client": row["client"],
        "storyboardId": row["storyboard_id"],
        "sceneId": row["scene_id"],
        "provider": kinds.short(row["kind"]),
        "model": row["model"],
        "prompt": row["prompt"],
        "status": views.status_of(row["state"]),
        "stage": row["state"],
        "progress": row["progress"],
        "priority": row["priority"],
        "errorCode": row["error_code"],
        "errorMessage": row["error_message"],
        "attemptsMade": row["attempts_made"],
        "costUsd": usd_or_none(row["cost_micros"]),
        "costEstimateUsd": usd(row["estimate_micros"]),
        "createdAt": moment(row["created_at"]),
        "startedAt": moment(row["started_at"]),
        "completedAt": moment(row["completed_at"]),
        "hasPoster": row["has_poster"],
        "simulated": row["simulated"],
        "cancelRequested": row["cancel_requested"],
    }
