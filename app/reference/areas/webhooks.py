"""Webhooks to callers."""

from app.answers import webhooks
from app.reference.areas import examples
from app.reference.operations import Answer, Area, Operation, Query, Takes
from app.routes.webhooks import EndpointBody, WebhooksBody

_HOOK = "https://example.com/hook"
_ADDRESS: webhooks.WebhookAddress = {
    "clientId": examples.CLIENT,
    "url": _HOOK,
    "failures": 0,
    "failingSince": None,
    "disabledAt": None,
    "disabledReason": None,
}
_MESSAGE: webhooks.WebhookMessage = {
    "id": "5f0c4a52-2f6f-4d3c-8f57-0d9b7a3c1e11",
    "messageId": "msg_5f0c4a522f6f4d3c8f570d9b7a3c1e11",
    "clientId": examples.CLIENT,
    "jobId": examples.JOB,
    "url": _HOOK,
    "type": "video.completed",
    "status": "delivered",
    "attempts": 1,
    "nextAt": None,
    "deliveredAt": "2026-11-24T12:00:43Z",
    "lastStatus": 204,
    "lastError": None,
    "createdAt": "2026-11-24T12:00:42Z",
}
_MESSAGES = Operation(
    summary="What was sent",
    query=(
        Query("jobId", {"type": "string", "format": "uuid"}, "Only messages about this video."),
        Query("limit", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "How many."),
    ),
    answers={
        200: Answer(
            "Newest first.",
            webhooks.WebhookMessages,
            webhooks.WebhookMessages(deliveries=[_MESSAGE], endpoints=[_ADDRESS]),
        )
    },
    codes=("not_found",),
)

AREA = Area(
    "Webhooks",
    "Signed messages when a video ends, as Standard Webhooks has them.",
    {
        ("GET", "/api/webhooks"): Operation(
            summary="Your address, and how it fares",
            answers={
                200: Answer(
                    "The client's settings.",
                    webhooks.WebhookSettings,
                    webhooks.WebhookSettings(url=_HOOK, hasSecret=True, endpoints=[_ADDRESS]),
                )
            },
        ),
        ("PUT", "/api/webhooks"): Operation(
            summary="Choose the address",
            description="Told of every video that names none of its own; null tells nobody.",
            takes=Takes(WebhooksBody, {"url": _HOOK}),
            answers={
                200: Answer("Kept.", webhooks.WebhookChosen, webhooks.WebhookChosen(url=_HOOK)),
            },
            codes=("no_webhook_secret",),
        ),
        ("POST", "/api/webhooks/secret"): Operation(
            summary="A new signing secret",
            description="The one before it signs along for a day.",
            answers={
                201: Answer(
                    "Shown this once.",
                    webhooks.WebhookSecret,
                    webhooks.WebhookSecret(secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                )
            },
        ),
        ("POST", "/api/webhooks/enable"): Operation(
            summary="Tell an address again that was switched off",
            takes=Takes(EndpointBody, {"url": _HOOK}),
            answers={
                200: Answer(
                    "What waits is sent.",
                    webhooks.WebhookEnabled,
                    webhooks.WebhookEnabled(url=_HOOK, status="enabled"),
                )
            },
            codes=("not_found",),
        ),
        ("GET", "/api/webhooks/deliveries"): _MESSAGES,
        ("POST", "/api/webhooks/deliveries/{delivery_id}/replay"): Operation(
            summary="Send a message once more",
            answers={202: Answer("Under a new id.", webhooks.WebhookMessage, _MESSAGE)},
        ),
        ("GET", "/api/admin/webhooks"): _MESSAGES,
    },
)
