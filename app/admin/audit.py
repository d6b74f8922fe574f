"""What operators and administrators did."""

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.answers.dashboard import AuditLines, AuditLineView
from app.calls import Call, guarded
from app.problems import FieldError, invalid
from app.scopes import Scope
from app.validation import number
from app.views import moment
from db import audit
from db.tables import AuditLine

_USUAL, _MOST = 50, 200


def routes() -> list[BaseRoute]:
    return [guarded("/api/admin/audit", "GET", Scope.OBSERVE, listed)]


async def listed(call: Call) -> Response:
    """Newest first, of one `target` or of all; `nextBefore` goes into `before` for the next page."""
    limit, query = number(call.request, "limit", _USUAL, _MOST), call.request.query_params
    before = query.get("before", str(audit.LATEST))
    if not (before.isascii() and before.isdigit() and len(before) < 20 and int(before) <= audit.LATEST):
        raise invalid([FieldError("before", "is not an id of this list")])
    found = await audit.listed(call.deps.pool, int(before), query.get("target"), limit + 1)
    following = found[limit - 1].id if len(found) > limit else None
    return JSONResponse(AuditLines(lines=[_line(line) for line in found[:limit]], nextBefore=following))


def _line(line: AuditLine) -> AuditLineView:
    return {
        "id": line.id,
        "at": moment(line.at),
        "keyId": str(line.key_id) if line.key_id else None,
        "who": line.who,
        "action": line.action,
        "target": line.target,
        "data": line.data,
    }
