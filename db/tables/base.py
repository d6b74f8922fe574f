"""What all tables share: the schema they are named in, and short spellings of column types."""

from datetime import datetime
from typing import Any, Self, cast

from sqlalchemy import BigInteger, DateTime, Double, LargeBinary, MetaData, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

SCHEMA = "reelwork"
"""The schema as it is written in every statement; DATABASE_SCHEMA is put in its place when a statement is sent."""

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(schema=SCHEMA, naming_convention=NAMES)


class Row(SQLModel):
    """Base of every table; a row read by asyncpg becomes one with `of`."""

    metadata = metadata

    @classmethod
    def of(cls, record: Any) -> Self:
        """The typed row of an asyncpg record that holds (at least) this table's columns, without validation."""
        return cast(Self, cls.model_construct(**dict(record)))


def text_column(**kwargs: Any) -> Any:
    return Field(sa_type=Text, **kwargs)


def moment(*, default_now: bool = False, **kwargs: Any) -> Any:
    """A timestamptz; `default_now` lets the database stamp it."""
    if default_now:
        kwargs.setdefault("sa_column_kwargs", {"server_default": text("now()")})
    return Field(sa_type=DateTime(timezone=True), **kwargs)


def json_column(**kwargs: Any) -> Any:
    return Field(sa_type=JSONB, **kwargs)


def bytes_column(**kwargs: Any) -> Any:
    return Field(sa_type=LargeBinary, **kwargs)


def big(default: int | None = None, **kwargs: Any) -> Any:
    """A bigint; an integer default is also the column's server default."""
    return Field(default=default, sa_type=BigInteger, sa_column_kwargs=_default(default), **kwargs)


def small(default: int | None = None, **kwargs: Any) -> Any:
    return Field(default=default, sa_type=SmallInteger, sa_column_kwargs=_default(default), **kwargs)


def number(default: float | None = None, **kwargs: Any) -> Any:
    return Field(default=default, sa_type=Double, sa_column_kwargs=_default(default), **kwargs)


def count(default: int = 0) -> Any:
    return Field(default=default, sa_column_kwargs=_default(default))


def flag(default: bool = False) -> Any:
    return Field(default=default, sa_column_kwargs={"server_default": text("true" if default else "false")})


def _default(value: float | None) -> dict[str, Any]:
    return {} if value is None else {"server_default": text(str(value))}


Moment = datetime | None
