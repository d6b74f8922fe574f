"""The queue for operators: its figures, what failed, a second try, and housekeeping at once instead of later."""

from uuid import UUID

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app import budgets, views
from app.answers.operators import CleanedUp, Failures, Queue, QueueStats, Retried
from app.calls import Call, guarded
from app.health import look
from app.money import usd
from app.problems import FieldError, invalid
from app.retrying import Retry, retry
from app.scopes import Scope
from app.validation import number
from db import ledger, queue_figures, retention
from db.connection import Pool
from db.retention import Kept
from db.tables import VideoJob

_RECENT, _USUAL, _MOST = 10, 50, 500
_BATCH, _BATCHES = 1000, 20


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/admin/queue", "GET", Scope.OBSERVE, show),
        guarded("/api/admin/queue/failed", "GET", Scope.OBSERVE, failed),
        guarded("/api/admin/queue/retry/{job_id}", "POST", Scope.OPERATE, retry_failed),
        guarded("/api/admin/queue/cleanup", "POST", Scope.OPERATE, clean_up),
    ]


async def show(call: Call) -> Response:
    """Counts by stage, the latest failures, and whether work is being done."""
    seen = await look(call.deps.pool, call.deps.policy)
    figures, ended = seen.figures, await queue_figures.ended(call.deps.pool)
    recent = await queue_figures.failures(call.deps.pool, _RECENT)
    standing = await ledger.standings(call.deps.pool, ledger.utc_day(), call.deps.policy.budget_micros)
    stats: QueueStats = {
        "waiting": figures.waiting,
        "active": figures.active,
        "completed": ended.completed,
        "failed": ended.failed,
        "delayed": figures.delayed,
        "total": figures.waiting + figures.active + figures.delayed,
    }
    answer: Queue = {
        "stats": stats,
        "recentFailures": [views.failure(row) for row in recent],
        "healthy": seen.healthy,
        "needsReview": figures.needs_review,
        "workers": len(seen.workers),
        "oldestWaitingSeconds": figures.oldest_waiting_s,
        "budgetsNearlySpent": [budgets.shown(budget) for budget in standing if budget.is_nearly_spent],
    }
    return JSONResponse(answer)


async def failed(call: Call) -> Response:
    """What failed, latest first."""
    limit = number(call.request, "limit", _USUAL, _MOST)
    rows = await queue_figures.failures(call.deps.pool, limit)
    return JSONResponse(Failures(failures=[views.failure(row) for row in rows]))


async def retry_failed(call: Call) -> Response:
    """Takes a failed video up where the money is; a paid retry says its price."""
    try:
        job_id = UUID(call.request.path_params["job_id"])
    except ValueError:
        raise invalid([FieldError("jobId", "is not a UUID")]) from None
    return await retry(call, job_id, _retried)


async def clean_up(call: Call) -> Response:
    """Drops live-progress data past its time, as the hourly housekeeping does; no row and no video."""
    removed = await _trimmed(call.deps.pool, call.deps.policy.kept)
    message = f"Removed {removed} old progress records; jobs and videos are kept"
    return JSONResponse(CleanedUp(success=True, message=message, removed=removed))


def _retried(chosen: Retry, row: VideoJob) -> Response:
    price = usd(row.estimate_micros) if chosen.is_paid else 0.0
    message = "Job queued for retry"
    return JSONResponse(Retried(success=True, message=message, stage=chosen.state, costEstimateUsd=price))


async def _trimmed(pool: Pool, kept: Kept) -> int:
    removed = 0
    for _ in range(_BATCHES):
        count = await retention.trim_progress(pool, kept, _BATCH)
        removed += count
        if count < _BATCH:
            break
    return removed
