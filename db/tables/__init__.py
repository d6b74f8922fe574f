"""The tables, one SQLModel class each, and the typed rows that come out of them."""

from sqlalchemy.orm import configure_mappers

from db.tables.accounts import Client, ClientKey, Credential
from db.tables.audit import AuditLine
from db.tables.base import SCHEMA, metadata
from db.tables.erasures import Erasure
from db.tables.events import JobEvent
from db.tables.generation_times import GenerationTime
from db.tables.images import File, Image, JobImage
from db.tables.installation import Installation
from db.tables.jobs import VideoJob
from db.tables.lanes import Lane, LaneTurn
from db.tables.ledger import LedgerLine
from db.tables.observing import Alert, Meter
from db.tables.repeats import CreateCall, IdempotencyKey
from db.tables.submissions import Submission
from db.tables.webhooks import WebhookDelivery, WebhookEndpoint
from db.tables.workers import Worker

__all__ = [
    "SCHEMA",
    "AuditLine",
    "Alert",
    "Client",
    "ClientKey",
    "CreateCall",
    "Credential",
    "Erasure",
    "IdempotencyKey",
    "File",
    "GenerationTime",
    "Image",
    "Installation",
    "JobEvent",
    "JobImage",
    "Lane",
    "LaneTurn",
    "LedgerLine",
    "Meter",
    "Submission",
    "VideoJob",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Worker",
    "metadata",
]

# Rows are built from records without SQLModel's constructor, which would have done this on its first call.
configure_mappers()
