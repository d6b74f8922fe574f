"""The ledger: what each attempt reserved, settled or released, in millionths of a US dollar."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Identity, Index, text
from sqlmodel import Field

from db.states import Entry
from db.tables.base import Row, big, moment, text_column

_ENTRIES = ", ".join(f"'{entry}'" for entry in Entry)


class LedgerLine(Row, table=True):
    """One line, never changed. `micros` is the amount the entry names; `delta_micros` is what it adds to the committed
    spend of `day` (UTC, the reserve's): reserve +estimate, settle actual - reserved, release -reserved, correct ±.
    Reserves name the model, so that the books outlive the video's row."""

    __tablename__ = "ledger"
    __table_args__ = (
        CheckConstraint(f"entry IN ({_ENTRIES})", name="entry"),
        Index("uq_ledger_reserve", "job_id", "attempt", unique=True, postgresql_where=text("entry = 'reserve'")),
        Index(
            "uq_ledger_verdict",
            "job_id",
            "attempt",
            unique=True,
            postgresql_where=text("entry IN ('settle', 'release')"),
        ),
        Index("ix_ledger_job", "job_id", "attempt"),
        Index("ix_ledger_day", "day", "client_id", postgresql_include=["delta_micros"]),
        Index("ix_ledger_client", "client_id", "day", postgresql_include=["delta_micros"]),
        Index("ix_ledger_lane", "lane_id", "day", postgresql_include=["delta_micros"]),
    )

    id: int = Field(sa_type=BigInteger, primary_key=True, sa_column_args=[Identity(always=True)])
    job_id: UUID
    attempt: int
    client_id: UUID
    lane_id: UUID
    entry: str = text_column()
    micros: int = big()
    delta_micros: int = big()
    day: date
    note: str | None = text_column(default=None)
    model: str | None = text_column(default=None)
    catalogue_version: str = text_column(default="")
    at: datetime = moment(default_now=True)
