"""The one row about this installation: its id, which marks tickets and channels in Redis, and the pause of all."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from db.tables.base import Row, flag, moment, text_column


class Installation(Row, table=True):
    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("only_row = 1", name="one"),)

    only_row: int = Field(default=1, primary_key=True)
    id: UUID
    epoch: UUID
    paused: bool = flag()
    pause_reason: str | None = text_column(default=None)
    created_at: datetime = moment(default_now=True)
