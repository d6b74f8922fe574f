"""Lanes and the pause of all spending: what operators see and set, kept over restarts."""

from http import HTTPStatus
from uuid import UUID

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.answers.operators import Lane, Lanes, Pause
from app.bodies import LaneBody, PauseBody
from app.calls import Call, guarded
from app.money import columns_of, usd_or_none
from app.problems import FieldError, Problem, invalid, not_found
from app.scopes import Scope
from app.validation import read_body
from app.views import moment
from app.writing import written
from db import history, installation, lane_settings
from db.claims import startable_lanes
from db.connection import Executor
from db.lane_settings import LaneChange, LaneStanding
from providers import kinds


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/admin/lanes", "GET", Scope.OBSERVE, listed),
        guarded("/api/admin/lanes/{lane_id}", "PATCH", Scope.OPERATE, change),
        guarded("/api/admin/pause", "POST", Scope.OPERATE, pause),
        guarded("/api/admin/resume", "POST", Scope.OPERATE, resume),
    ]


async def listed(call: Call) -> Response:
    """Every lane with its settings (null: the environment's), what is on it, and what holds it back."""
    found = await lane_settings.standings(call.deps.pool, _in_flight_s(call))
    row = await installation.read(call.deps.pool)
    answer = Lanes(lanes=[_lane(one) for one in found], paused=row.paused, pauseReason=row.pause_reason)
    return JSONResponse(answer)


async def change(call: Call) -> Response:
    """Sets the members that are sent; holds in every process within a second."""
    try:
        lane_id = UUID(call.request.path_params["lane_id"])
    except ValueError:
        raise not_found("lane") from None
    body = await read_body(call.request, LaneBody)
    if not body.model_fields_set:
        raise invalid([FieldError("", "names no setting to change")])
    columns = columns_of(body)
    wanted = LaneChange(tuple(columns), **columns)

    async def changing(conn: Executor) -> Response:
        if not await lane_settings.change(conn, lane_id, wanted):
            raise not_found("lane")
        found = await lane_settings.standings(conn, _in_flight_s(call), lane_id)
        return JSONResponse(_lane(found[0]))

    response = await written(call, changing)
    await call.deps.bell.ring([lane_id])
    return response


async def pause(call: Call) -> Response:
    """No video starts any more; what runs at a provider is waited for and collected."""
    body = await read_body(call.request, PauseBody)
    reason = body.reason or "paused by an operator"

    async def pausing(conn: Executor) -> Response:
        await installation.pause(conn, reason)
        return JSONResponse(Pause(paused=True, reason=reason))

    return await written(call, pausing)


async def resume(call: Call) -> Response:
    """Starts go on where rates and caps allow; 409 where the database is a restored dump, which is worked off first."""

    async def resuming(conn: Executor) -> Response:
        if not await installation.resume(conn):
            detail = history.advice(await installation.read(conn))
            raise Problem(HTTPStatus.CONFLICT, "restored", detail[0].upper() + detail[1:])
        return JSONResponse(Pause(paused=False, reason=None))

    response = await written(call, resuming)
    await call.deps.bell.ring(await startable_lanes(call.deps.pool))
    return response


def _in_flight_s(call: Call) -> float:
    return call.deps.policy.stall.generation_timeout.total_seconds()


def _lane(one: LaneStanding) -> Lane:
    lane = one.lane
    return {
        "id": str(lane.id),
        "kind": lane.kind,
        "provider": kinds.short(lane.kind),
        "baseUrl": lane.base_url,
        "server": lane.server,
        "keyLast4": lane.key_last4,
        "ratePerMinute": lane.rate_per_minute,
        "maxInFlight": lane.max_in_flight,
        "requestsPerSecond": lane.requests_per_second,
        "budgetUsdPerDay": usd_or_none(lane.budget_day_micros),
        "budgetUsdPerMonth": usd_or_none(lane.budget_month_micros),
        "policy": lane.policy,
        "billing": lane.billing,
        "paused": lane.paused,
        "pauseReason": lane.pause_reason,
        "blockedUntil": moment(lane.blocked_until),
        "blockedReason": lane.blocked_reason,
        "breaker": lane.breaker,
        "breakerReason": lane.breaker_reason,
        "breakerUntil": moment(lane.breaker_until),
        "inFlight": one.in_flight,
        "queued": one.queued,
        "createdAt": moment(lane.created_at),
    }
