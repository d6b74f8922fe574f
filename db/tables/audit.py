"""The audit log: what people did to the installation."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index
from sqlmodel import Field

from db.tables.base import Row, json_column, moment, text_column


class AuditLine(Row, table=True):
    """One act. `key_id` is NULL for the operator's own key; `action` is the call as the API names it."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_target", "target", "id"),)

    id: int = Field(sa_type=BigInteger, primary_key=True, sa_column_args=[Identity(always=True)])
    at: datetime = moment(default_now=True)
    key_id: UUID | None = None
    who: str = text_column()
    action: str = text_column()
    target: str | None = text_column(default=None)
    data: dict[str, Any] = json_column()
