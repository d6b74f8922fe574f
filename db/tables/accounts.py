"""Who calls (clients and their keys) and with whose money (credentials)."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from db.tables.base import SCHEMA, Row, big, bytes_column, moment, number, text_column

DEFAULT_CLIENT = UUID("00000000-0000-4000-8000-000000000001")
"""The built-in client `default`, to whom the admin key's jobs belong."""


class Client(Row, table=True):
    """One application that sends requests. `weight` is its share of a lane: twice the weight, twice the starts.

    Budgets are for a UTC day and a UTC month, NULL for none; `max_queued` NULL means the environment's, 0 no limit.
    `webhook_url` is told of all its videos that name no address of their own. Webhooks are signed with
    `webhook_secret` (sealed), and until `webhook_secret_before_until` with the one before it too.
    """

    __tablename__ = "clients"
    __table_args__ = (UniqueConstraint("name"),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = text_column()
    weight: float = number(1.0)
    max_queued: int | None = None
    budget_day_micros: int | None = big()
    budget_month_micros: int | None = big()
    webhook_url: str | None = text_column(default=None)
    webhook_secret: bytes | None = bytes_column(default=None)
    webhook_secret_before: bytes | None = bytes_column(default=None)
    webhook_secret_before_until: datetime | None = moment(default=None)
    created_at: datetime = moment(default_now=True)


class ClientKey(Row, table=True):
    """An API key of a client: only its SHA-256 is kept, and the first characters to recognise it by."""

    __tablename__ = "client_keys"
    __table_args__ = (
        UniqueConstraint("key_hash"),
        ForeignKeyConstraint(["client_id"], [f"{SCHEMA}.clients.id"]),
        Index(None, "client_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    client_id: UUID
    name: str = text_column()
    prefix: str = text_column()
    key_hash: bytes = bytes_column()
    scopes: list[str] = Field(sa_type=ARRAY(Text))
    created_at: datetime = moment(default_now=True)
    expires_at: datetime | None = moment(default=None)
    revoked_at: datetime | None = moment(default=None)
    last_used_at: datetime | None = moment(default=None)


class Credential(Row, table=True):
    """A provider key, sealed. `source` is server (the environment's), stored (by API) or call (came with a request).

    A job names its credential and keeps it, so that polls and downloads use the key that submitted.
    """

    __tablename__ = "credentials"
    __table_args__ = (
        UniqueConstraint("client_id", "lane_id", "source"),
        ForeignKeyConstraint(["client_id"], [f"{SCHEMA}.clients.id"]),
        ForeignKeyConstraint(["lane_id"], [f"{SCHEMA}.lanes.id"]),
        Index(None, "lane_id"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    client_id: UUID
    lane_id: UUID
    source: str = text_column()
    sealed: bytes = bytes_column()
    last4: str = text_column(default="")
    created_at: datetime = moment(default_now=True)
    revoked_at: datetime | None = moment(default=None)
