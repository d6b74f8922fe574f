"""What is to be forgotten: a client's own user, until nothing of it is left."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlmodel import Field

from db.tables.base import SCHEMA, Row, moment, text_column


class Erasure(Row, table=True):
    """Covers what was asked for before `requested_at`; the next round of it is due at `next_at`."""

    __tablename__ = "erasures"
    __table_args__ = (
        ForeignKeyConstraint(["client_id"], [f"{SCHEMA}.clients.id"], ondelete="CASCADE"),
        Index(None, "next_at"),
    )

    client_id: UUID = Field(primary_key=True)
    end_user_id: str = text_column(primary_key=True)
    requested_at: datetime = moment(default_now=True)
    next_at: datetime = moment(default_now=True)
