"""What is wrong now and what was, and a message that proves that an operator would hear of it."""

from http import HTTPStatus

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.answers.operators import AlertLine, Alerts, AlertTest
from app.calls import Call, guarded
from app.problems import Problem
from app.scopes import Scope
from app.views import moment
from db import alerts
from db.tables import Alert


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/admin/alerts", "GET", Scope.OBSERVE, listed),
        guarded("/api/admin/alerts/test", "POST", Scope.OPERATE, test),
    ]


async def listed(call: Call) -> Response:
    """Open alerts first, then those of the last thirty days; `receivers` is how many are told."""
    found = [_line(one) for one in await alerts.listed(call.deps.pool)]
    answer: Alerts = {"alerts": found, "receivers": len(call.deps.receivers.names)}
    return JSONResponse(answer)


async def test(call: Call) -> Response:
    """Sends one message to every receiver at once; 502 where one of them did not take it."""
    receivers = call.deps.receivers
    if not receivers.names:
        raise Problem(HTTPStatus.CONFLICT, "no_receiver", "No receiver is set: set ALERT_WEBHOOK_URL or SENTRY_DSN")
    heard = await receivers.tell("Reelwork: this is a test. Alerts of this installation arrive here.")
    if missing := len(receivers.names) - len(heard):
        detail = f"{missing} of {len(receivers.names)} receivers did not take the message; the log says why"
        raise Problem(HTTPStatus.BAD_GATEWAY, "not_told", detail)
    answer: AlertTest = {"success": True, "receivers": len(heard)}
    return JSONResponse(answer)


def _line(alert: Alert) -> AlertLine:
    return {
        "key": alert.key,
        "text": alert.text,
        "since": moment(alert.since),
        "endedAt": moment(alert.ended_at),
        "told": alert.told,
        "toldAt": moment(alert.told_at),
    }
