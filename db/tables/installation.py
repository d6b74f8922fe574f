"""The one row about this installation: its id, which marks tickets and channels in Redis, and the pause of all."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from db.tables.base import Row, big, flag, moment, text_column


class Installation(Row, table=True):
    """`mark` grows every minute, last at `marked_at`, and storage remembers it under this `epoch`: a database whose
    mark is behind storage's was restored from an older state. `restored_at` is when that was noticed, until it is
    worked off."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("only_row = 1", name="one"),)

    only_row: int = Field(default=1, primary_key=True)
    id: UUID
    epoch: UUID
    paused: bool = flag()
    pause_reason: str | None = text_column(default=None)
    created_at: datetime = moment(default_now=True)
    mark: int = big(0)
    marked_at: datetime | None = moment(default=None)
    restored_at: datetime | None = moment(default=None)
