"""Submissions: one row for each call that may cost money, written before the call, kept after its job is gone."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Index, text
from sqlmodel import Field

from db.tables.base import Row, bytes_column, flag, moment, text_column

_LIVE = text("ended_at IS NULL")


class Submission(Row, table=True):
    """`intent_at` stamps the start; nothing may leave after `deadline_at`. `outcome` is NULL while the call is under
    way (`db.states.Outcome`). `inferred` marks an id that a listing gave and not the call's own answer. `counted` is
    false where the slot was given back before a byte left. `ended_at` is when it left the provider's books as in
    flight."""

    __tablename__ = "submissions"
    __table_args__ = (
        Index("uq_submissions_provider_id", "lane_id", "provider_id", unique=True),
        Index("ix_submissions_rate", "lane_id", "intent_at", postgresql_where=text("counted")),
        Index("ix_submissions_live", "lane_id", "intent_at", postgresql_where=_LIVE),
        Index("ix_submissions_unknown", "lane_id", "fingerprint", postgresql_where=text("outcome = 'unknown'")),
        Index("ix_submissions_job_id", "job_id"),
        Index("ix_submissions_label", "label"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    job_id: UUID
    lane_id: UUID
    attempt: int
    epoch: int
    worker: UUID | None = None
    fingerprint: bytes = bytes_column()
    inputs_hash: bytes | None = bytes_column(default=None)
    label: str = text_column()
    intent_at: datetime = moment(default_now=True)
    deadline_at: datetime = moment()
    answered_at: datetime | None = moment(default=None)
    definite: bool = flag()
    clean_looks: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    provider_id: str | None = text_column(default=None)
    inferred: bool = flag()
    outcome: str | None = text_column(default=None)
    error_code: str | None = text_column(default=None)
    error_message: str | None = text_column(default=None)
    counted: bool = flag(True)
    ended_at: datetime | None = moment(default=None)
