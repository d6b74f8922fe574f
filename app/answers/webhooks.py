"""Webhooks out, as callers read them."""

from typing import Literal

from typing_extensions import TypedDict

from app.answers.words import Id, Moment


class WebhookAddress(TypedDict):
    """How an address fares that was told of videos."""

    clientId: Id
    url: str
    failures: int
    failingSince: Moment | None
    disabledAt: Moment | None
    disabledReason: str | None


class WebhookSettings(TypedDict):
    url: str | None
    hasSecret: bool
    endpoints: list[WebhookAddress]


class WebhookChosen(TypedDict):
    url: str | None


class WebhookSecret(TypedDict):
    """Shown this once."""

    secret: str


class WebhookEnabled(TypedDict):
    url: str
    status: Literal["enabled"]


class WebhookMessage(TypedDict):
    id: Id
    messageId: str
    clientId: Id
    jobId: Id
    url: str
    type: str
    status: Literal["delivered", "given_up", "pending"]
    attempts: int
    nextAt: Moment | None
    deliveredAt: Moment | None
    lastStatus: int | None
    lastError: str | None
    createdAt: Moment | None


class WebhookMessages(TypedDict):
    """Newest first."""

    deliveries: list[WebhookMessage]
    endpoints: list[WebhookAddress]
