"""A job's timeline: one line for each transition and each thing worth telling."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, text
from sqlmodel import Field

from db.tables.base import Row, json_column, moment, text_column


class JobEvent(Row, table=True):
    """`type` is the transition's verb (created, claimed, submitted, …); `state` the row's state after it."""

    __tablename__ = "job_events"
    __table_args__ = (
        Index(None, "job_id", "id"),
        Index(None, "at"),
        Index("ix_job_events_progress", "job_id", postgresql_where=text("type = 'progress'")),
    )

    id: int = Field(sa_type=BigInteger, primary_key=True, sa_column_args=[Identity(always=True)])
    job_id: UUID
    at: datetime = moment(default_now=True)
    type: str = text_column()
    state: str | None = text_column(default=None)
    attempt: int | None = None
    worker: UUID | None = None
    data: dict[str, Any] | None = json_column(default=None)
