"""What is remembered of writes for a while, so that one that is sent again is known."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, BigInteger, ForeignKeyConstraint, Identity, Index, SmallInteger, Text, UniqueConstraint
from sqlmodel import Field

from db.tables.base import SCHEMA, Row, bytes_column, moment, text_column


class CreateCall(Row, table=True):
    """A create by an SDK that numbers its tries and names no key. `heard` are the numbers that came in so far, 0 the
    first try's; `answered_at` is when the caller showed that it knows the video's id."""

    __tablename__ = "create_calls"
    __table_args__ = (
        ForeignKeyConstraint(["job_id"], [f"{SCHEMA}.video_jobs.id"], ondelete="CASCADE"),
        Index(None, "client_id", "body_hash", "id"),
        Index(None, "job_id"),
        Index(None, "heard_at"),
    )

    id: int = Field(sa_type=BigInteger, primary_key=True, sa_column_args=[Identity(always=True)])
    client_id: UUID
    body_hash: bytes = bytes_column()
    job_id: UUID
    heard: list[int] = Field(sa_type=ARRAY(SmallInteger))
    heard_at: datetime = moment(default_now=True)
    answered_at: datetime | None = moment(default=None)


class IdempotencyKey(Row, table=True):
    """A write that came with an Idempotency-Key, and its answer, sealed. Both are written in the transaction of the
    write itself. `end_users` are the clients' own users whom the answer is about; where one of them was erased, the
    answer is gone and the key a hash of itself."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        UniqueConstraint("client_id", "key"),
        Index(None, "created_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    client_id: UUID
    key: str = text_column()
    request_hash: bytes = bytes_column()
    sealed: bytes | None = bytes_column(default=None)
    end_users: list[str] | None = Field(default=None, sa_type=ARRAY(Text))
    created_at: datetime = moment(default_now=True)
