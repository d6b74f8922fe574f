"""What an installation shows of itself: totals of what was counted, and alerts."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field

from db.tables.base import Row, count, moment, number, text_column


class Meter(Row, table=True):
    """One series in Prometheus's spelling, with the total of all processes."""

    __tablename__ = "meters"

    series: str = text_column(primary_key=True)
    value: float = number(0.0)
    grown_at: datetime = moment(default_now=True)


class Alert(Row, table=True):
    """Something that is or was wrong, by its key. `told` is the last message that everybody has: start or end, None
    before the first; `heard` names the receivers that already have the one that is under way, due at `next_at`."""

    __tablename__ = "alerts"

    key: str = text_column(primary_key=True)
    text: str = text_column()
    since: datetime = moment(default_now=True)
    ended_at: datetime | None = moment(default=None)
    told: str | None = text_column(default=None)
    told_at: datetime | None = moment(default=None)
    heard: list[str] = Field(sa_type=sa.ARRAY(sa.Text), sa_column_kwargs={"server_default": sa.text("'{}'")})
    attempts: int = count()
    next_at: datetime = moment(default_now=True)
