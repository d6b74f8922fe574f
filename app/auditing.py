"""Who did what: one line for each write of somebody who runs the installation, committed with what it did."""

import json
from contextlib import suppress
from typing import Any

from starlette.requests import Request

from app.auth import Principal
from app.scopes import Scope
from db.audit import Entry

_KEPT = frozenset(
    {
        *("action", "discard", "filter", "ids", "name", "note", "paused", "priority", "provider", "providerJobId"),
        *("reason", "scopes", "client", "clientId", "weight", "policy", "ratePerMinute", "maxInFlight"),
        *("budgetUsdPerDay", "budgetUsdPerMonth", "maxQueued"),
        *("requestsPerSecond", "expiresAt", "overlapSeconds", "server", "url"),
    }
)
"""Members of a body that are written down; any other may be a secret."""


def is_audited(principal: Principal, request: Request) -> bool:
    """Writes of operators and administrators through our own API, but for creates, which are jobs of their own."""
    return Scope.OBSERVE in principal.scopes and request.url.path.startswith("/api/") and request.method != "GET"


def entry(principal: Principal, request: Request, action: str, body: bytes) -> Entry:
    """The line of this request; `action` is the call as the API names it (`PATCH /api/admin/lanes/{lane_id}`)."""
    return Entry(
        key_id=principal.key_id,
        who=f"{principal.client_name}/{principal.key_name}",
        action=action,
        target=_target(request),
        data=_kept(body) | dict(request.query_params),
    )


def _target(request: Request) -> str | None:
    """What the path names; whom an erasure was about is not kept of all things."""
    return None if "end_user_id" in request.path_params else next(iter(request.path_params.values()), None)


def _kept(body: bytes) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        members = json.loads(body)
        if isinstance(members, dict):
            return {name: value for name, value in members.items() if name in _KEPT}
    return {}
