"""Where a client wants to be told, with which secret, and what became of each message."""

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from app.answers.webhooks import (
    WebhookAddress,
    WebhookChosen,
    WebhookEnabled,
    WebhookMessage,
    WebhookMessages,
    WebhookSecret,
    WebhookSettings,
)
from app.bodies import Body
from app.calls import Call, guarded
from app.problems import not_found
from app.scopes import Scope
from app.validation import number, read_body
from app.views import moment
from app.webhooks.sender import message_id
from app.webhooks.signing import new_secret
from app.webhooks.wishes import require_tellable
from app.writing import written
from db import webhooks
from db.connection import Executor
from db.reads import NEWEST
from db.tables import WebhookDelivery, WebhookEndpoint

_OVERLAP = timedelta(days=1)
_Url = Annotated[str, Field(min_length=1, max_length=2_000)]


class WebhooksBody(Body):
    url: _Url | None


class EndpointBody(Body):
    url: _Url


def routes() -> list[BaseRoute]:
    return [
        guarded("/api/webhooks", "GET", Scope.READ, show),
        guarded("/api/webhooks", "PUT", Scope.GENERATE, choose),
        guarded("/api/webhooks/secret", "POST", Scope.GENERATE, renew_secret),
        guarded("/api/webhooks/enable", "POST", Scope.GENERATE, enable),
        guarded("/api/webhooks/deliveries", "GET", Scope.READ, deliveries),
        guarded("/api/webhooks/deliveries/{delivery_id}/replay", "POST", Scope.GENERATE, replay),
        guarded("/api/admin/webhooks", "GET", Scope.OBSERVE, everybodys),
    ]


async def show(call: Call) -> Response:
    """The client's own address, whether it has a secret, and how the addresses fare that were told."""
    client_id = call.principal.client_id
    client = await webhooks.settings(call.deps.pool, client_id)
    found = await webhooks.endpoints(call.deps.pool, client_id)
    endpoints, has_secret = [_endpoint(one) for one in found], client.webhook_secret is not None
    return JSONResponse(WebhookSettings(url=client.webhook_url, hasSecret=has_secret, endpoints=endpoints))


async def choose(call: Call) -> Response:
    """Tell this address of every video that names none of its own; null tells nobody."""
    body = await read_body(call.request, WebhooksBody)
    if body.url is not None:
        await require_tellable(call, body.url, "url")
    await webhooks.set_url(call.deps.pool, call.principal.client_id, body.url)
    return JSONResponse(WebhookChosen(url=body.url))


async def renew_secret(call: Call) -> Response:
    """A new signing secret, shown this once; the one before it signs along for a day."""
    secret, client_id = new_secret(), call.principal.client_id
    sealed = call.deps.sealer.seal(secret, client_id)

    async def renewing(conn: Executor) -> Response:
        await webhooks.set_secret(conn, client_id, sealed, _OVERLAP)
        return JSONResponse(WebhookSecret(secret=secret), HTTPStatus.CREATED)

    return await written(call, renewing)


async def enable(call: Call) -> Response:
    """Tell an address again that was switched off."""
    body = await read_body(call.request, EndpointBody)
    if not await webhooks.enable(call.deps.pool, call.principal.client_id, body.url):
        raise not_found("endpoint that is switched off")
    return JSONResponse(WebhookEnabled(url=body.url, status="enabled"))


async def deliveries(call: Call) -> Response:
    """Messages, newest first."""
    return await _listed(call, call.principal.client_id)


async def everybodys(call: Call) -> Response:
    """All clients' messages and addresses, for operators."""
    return await _listed(call, None)


async def replay(call: Call) -> Response:
    """Send a message once more, under a new id."""
    client_id = call.principal.visible_client
    delivery_id = _uuid(call.request.path_params["delivery_id"], "delivery")

    async def replaying(conn: Executor) -> Response:
        made = await webhooks.replay(conn, delivery_id, client_id)
        if made is None:
            raise not_found("delivery")
        return JSONResponse(_delivery(made), HTTPStatus.ACCEPTED)

    return await written(call, replaying)


async def _listed(call: Call, client_id: UUID | None) -> Response:
    limit = number(call.request, "limit", 50, 200)
    wanted = call.request.query_params.get("jobId")
    job_id = _uuid(wanted, "video") if wanted is not None else None
    found = await webhooks.deliveries(call.deps.pool, client_id, job_id, NEWEST, limit)
    endpoints = await webhooks.endpoints(call.deps.pool, client_id)
    answer = WebhookMessages(
        deliveries=[_delivery(one) for one in found], endpoints=[_endpoint(one) for one in endpoints]
    )
    return JSONResponse(answer)


def _uuid(text: str, what: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise not_found(what) from None


def _delivery(row: WebhookDelivery) -> WebhookMessage:
    status: Literal["delivered", "given_up", "pending"] = (
        "delivered" if row.delivered_at else "given_up" if row.gave_up_at else "pending"
    )
    return {
        "id": str(row.id),
        "messageId": message_id(row.id),
        "clientId": str(row.client_id),
        "jobId": str(row.job_id),
        "url": row.url,
        "type": row.type,
        "status": status,
        "attempts": row.attempts,
        "nextAt": moment(row.next_at) if status == "pending" else None,
        "deliveredAt": moment(row.delivered_at),
        "lastStatus": row.last_status,
        "lastError": row.last_error,
        "createdAt": moment(row.created_at),
    }


def _endpoint(row: WebhookEndpoint) -> WebhookAddress:
    return {
        "clientId": str(row.client_id),
        "url": row.url,
        "failures": row.failures,
        "failingSince": moment(row.failing_since),
        "disabledAt": moment(row.disabled_at),
        "disabledReason": row.disabled_reason,
    }
