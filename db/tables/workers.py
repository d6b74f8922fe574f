"""Workers: one row a process, touched every few seconds; its silence is what makes its videos free to adopt."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Index, text
from sqlmodel import Field

from db.tables.base import Row, big, count, flag, moment, text_column


class Worker(Row, table=True):
    """`ended_at` is final: a process that finds it set has lost its videos and registers anew under another id."""

    __tablename__ = "workers"
    __table_args__ = (Index("ix_workers_living", "beat", postgresql_where=text("ended_at IS NULL")),)

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    host: str = text_column()
    pid: int
    version: str = text_column()
    started_at: datetime = moment(default_now=True)
    beat: datetime = moment(default_now=True)
    ended_at: datetime | None = moment(default=None)
    draining: bool = flag()
    in_flight: int = count()
    capacity: int = count()
    rss_bytes: int | None = big()
