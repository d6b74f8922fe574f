"""Whether a caller's wish to be told can be met: said at once, not when the message fails."""

from http import HTTPStatus

from app.calls import Call
from app.outbound.pinning import BadAddress
from app.problems import FieldError, Problem, invalid
from db import webhooks


async def require_tellable(call: Call, url: str, path: str) -> None:
    """Raises Problem (400) for an address that could never be told, and where nothing could be signed."""
    try:
        call.deps.pinner.check(url)
    except BadAddress as error:
        raise invalid([FieldError(path, str(error))]) from None
    client = await webhooks.settings(call.deps.pool, call.principal.client_id)
    if client.webhook_secret is None:
        detail = "Make a signing secret first: POST /api/webhooks/secret"
        raise Problem(HTTPStatus.BAD_REQUEST, "no_webhook_secret", detail, errors=[FieldError(path, detail)])
