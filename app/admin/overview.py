"""The state of things at a glance: what stands where, what ended lately and how, what it cost, and what to do."""

from datetime import UTC, date, datetime, timedelta

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app import budgets
from app.admin.advice import Facts, advise
from app.answers.overview import Duration, EndsBucket, FailureReason, History, Overview, WorkerFigures
from app.calls import Call, guarded
from app.health import look
from app.money import usd, usd_or_none
from app.problems import FieldError, invalid
from app.scopes import Scope
from app.views import moment
from db import installation, lane_settings, ledger, overview
from db.connection import Record
from db.overview import Ends
from db.queue_figures import LivingWorker

_SPANS = {
    "hour": (timedelta(hours=1), timedelta(minutes=1)),
    "day": (timedelta(days=1), timedelta(minutes=30)),
    "week": (timedelta(days=7), timedelta(hours=3)),
}
_DAYS_BEFORE = 6
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/admin/overview", "GET", Scope.OBSERVE, show),
        guarded("/api/admin/history", "GET", Scope.OBSERVE, history),
    ]


async def show(call: Call) -> Response:
    """Now: stages, workers, budgets, and what is wrong in words."""
    pool, policy, today = call.deps.pool, call.deps.policy, ledger.utc_day()
    in_flight_s = policy.stall.generation_timeout.total_seconds()
    health, stages = await look(pool, policy), await overview.stages(pool)
    row = await installation.read(pool)
    lanes = await lane_settings.standings(pool, in_flight_s)
    standing = await ledger.standings(pool, today, policy.budget_micros)
    facts = Facts(
        health=health,
        installation=row,
        lanes=lanes,
        budgets=standing,
        collecting_again=await overview.collecting_again(pool),
        retiring=_retiring(call),
        now=datetime.now(UTC),
        budget_is_set=policy.budget_micros is not None,
    )
    answer: Overview = {
        "advice": advise(facts),
        "healthy": health.healthy,
        "stages": {one["state"]: one["jobs"] for one in stages},
        "delayed": health.figures.delayed,
        "oldestWaitingSeconds": health.figures.oldest_waiting_s,
        "workers": [_worker(one) for one in health.workers],
        "spentTodayUsd": usd(await ledger.committed(pool, today)),
        "budgetUsdPerDay": usd_or_none(policy.budget_micros),
        "budgets": [budgets.shown(budget) for budget in standing],
        "paused": row.paused,
        "pauseReason": row.pause_reason,
    }
    return JSONResponse(answer)


async def history(call: Call) -> Response:
    """The last `span` (hour, day or week): ends by time, how long videos took, failures by reason, spend by day."""
    word = call.request.query_params.get("span", "hour")
    if word not in _SPANS:
        raise invalid([FieldError("span", f"must be one of {', '.join(_SPANS)}")])
    (since, step), pool = _SPANS[word], call.deps.pool
    whole, stretches = await overview.ends(pool, step, since)
    spent = await overview.spent(pool, ledger.utc_day(), _DAYS_BEFORE)
    answer: History = {
        "span": word,
        "stepSeconds": step.total_seconds(),
        "buckets": [_bucket(at, stretches.get(at)) for at in _beginnings(datetime.now(UTC), since, step)],
        "took": _took(whole, since),
        "failures": [_reason(row) for row in await overview.reasons(pool, since)],
        "spent": [{"day": row["day"].isoformat(), "usd": usd(row["micros"])} for row in spent],
    }
    return JSONResponse(answer)


def _retiring(call: Call) -> list[tuple[str, date]]:
    """Models that the server's own account calls, each with the day on which its host ends it."""
    offers = call.deps.catalogue.offers(call.deps.accounts.base_urls, datetime.now(UTC))
    days = [(offer.model.name, offer.model.retires_at(offer.host)) for offer in offers if offer.reason is None]
    return [(name, day) for name, day in days if day is not None]


def _beginnings(now: datetime, since: timedelta, step: timedelta) -> list[datetime]:
    """Where each stretch of the time begins, counted from 1970 on as the database counts them."""
    first, last = ((at - _EPOCH) // step for at in (now - since, now))
    return [_EPOCH + step * number for number in range(first, last + 1)]


def _took(took: Ends, since: timedelta) -> Duration:
    return {
        "completed": took.completed,
        "failed": took.failed,
        "cancelled": took.cancelled,
        "perHour": round(took.completed / (since.total_seconds() / 3600), 1),
        "medianSeconds": took.median_s,
        "slowSeconds": took.slow_s,
    }


def _reason(row: Record) -> FailureReason:
    return {"code": row["code"], "jobs": row["jobs"], "lastAt": moment(row["last_at"])}


def _bucket(at: datetime, one: Ends | None) -> EndsBucket:
    return {
        "at": moment(at),
        "completed": one.completed if one else 0,
        "failed": one.failed if one else 0,
        "cancelled": one.cancelled if one else 0,
        "medianSeconds": one.median_s if one else None,
    }


def _worker(one: LivingWorker) -> WorkerFigures:
    row = one.worker
    return {
        "id": str(row.id),
        "host": row.host,
        "pid": row.pid,
        "version": row.version,
        "startedAt": moment(row.started_at),
        "heartbeatAgeSeconds": round(one.beat_age_s, 1),
        "inFlight": row.in_flight,
        "capacity": row.capacity,
        "rssBytes": row.rss_bytes,
        "draining": row.draining,
    }
