"""Lanes: one provider account each, with the limits that all processes obey together."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field

from db.tables.base import SCHEMA, Row, big, bytes_column, count, flag, moment, number, text_column


class Lane(Row, table=True):
    """Kind, base URL and key (by its HMAC). A NULL setting means the environment's, a NULL budget none.

    `claim_seq` grows with every claim: a claim whose snapshot saw an older one picks nothing and asks again.
    `listing_proven` says that this server's listing has shown submissions of ours whose ids we know.
    """

    __tablename__ = "lanes"
    __table_args__ = (
        UniqueConstraint("kind", "base_url", "key_hash"),
        CheckConstraint("policy IN ('review', 'resubmit')", name="policy"),
        CheckConstraint("breaker IN ('closed', 'open', 'half_open')", name="breaker"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    kind: str = text_column()
    base_url: str = text_column()
    server: str | None = text_column(default=None)
    key_hash: bytes = bytes_column()
    key_last4: str = text_column(default="")
    project: str | None = text_column(default=None)
    location: str | None = text_column(default=None)
    output_uri: str | None = text_column(default=None)
    billing: str = text_column(default="per_video", sa_column_kwargs={"server_default": "per_video"})
    rate_per_minute: int | None = None
    max_in_flight: int | None = None
    requests_per_second: int | None = None
    budget_day_micros: int | None = big()
    budget_month_micros: int | None = big()
    policy: str | None = text_column(default=None)
    paused: bool = flag()
    pause_reason: str | None = text_column(default=None)
    blocked_until: datetime | None = moment(default=None)
    blocked_reason: str | None = text_column(default=None)
    breaker: str = text_column(default="closed", sa_column_kwargs={"server_default": "closed"})
    breaker_reason: str | None = text_column(default=None)
    breaker_until: datetime | None = moment(default=None)
    error_streak: int = count()
    claim_seq: int = big(0)
    listing_proven: bool = flag()
    clock_offset_s: float = number(0.0)
    created_at: datetime = moment(default_now=True)
    updated_at: datetime = moment(default_now=True)


class LaneTurn(Row, table=True):
    """The tag of the last video that a client started on a lane at a priority: where fair queueing goes on from."""

    __tablename__ = "lane_turns"
    __table_args__ = (
        ForeignKeyConstraint(["lane_id"], [f"{SCHEMA}.lanes.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["client_id"], [f"{SCHEMA}.clients.id"], ondelete="CASCADE"),
    )

    lane_id: UUID = Field(primary_key=True)
    priority: int = Field(primary_key=True)
    client_id: UUID = Field(primary_key=True)
    last_tag: float = number(0.0)
    started_at: datetime = moment(default_now=True)
