"""Webhooks to callers: the addresses that are told, and each message to one of them."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKeyConstraint, Index, text
from sqlmodel import Field

from db.tables.base import SCHEMA, Row, count, moment, text_column

_OPEN = text("delivered_at IS NULL AND gave_up_at IS NULL")


class WebhookEndpoint(Row, table=True):
    """An address of a client that messages have gone to. `failing_since` is when the row of failures that still goes on
    began; a `disabled_at` endpoint is told nothing until its client enables it."""

    __tablename__ = "webhook_endpoints"
    __table_args__ = (ForeignKeyConstraint(["client_id"], [f"{SCHEMA}.clients.id"], ondelete="CASCADE"),)

    client_id: UUID = Field(primary_key=True)
    url: str = text_column(primary_key=True)
    failures: int = count()
    failing_since: datetime | None = moment(default=None)
    disabled_at: datetime | None = moment(default=None)
    disabled_reason: str | None = text_column(default=None)
    created_at: datetime = moment(default_now=True)


class WebhookDelivery(Row, table=True):
    """One message: written by the database itself (the trigger `note_webhook`) in the transaction that moved the job.

    `id` is the message's id at the receiver, the same for every try. Its body is made when it is sent: nothing of a
    video is kept here."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        ForeignKeyConstraint(["client_id"], [f"{SCHEMA}.clients.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["job_id"], [f"{SCHEMA}.video_jobs.id"], ondelete="CASCADE"),
        Index("ix_webhook_deliveries_due", "next_at", postgresql_where=_OPEN),
        Index("ix_webhook_deliveries_client", "client_id", "created_at", "id"),
        Index("ix_webhook_deliveries_job_id", "job_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    client_id: UUID
    job_id: UUID
    url: str = text_column()
    type: str = text_column()
    attempts: int = count()
    next_at: datetime = moment(default_now=True)
    delivered_at: datetime | None = moment(default=None)
    gave_up_at: datetime | None = moment(default=None)
    last_status: int | None = None
    last_error: str | None = text_column(default=None)
    created_at: datetime = moment(default_now=True)
