"""Images that came with requests: each kept once for its client, however many videos and uploaded files it is for."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlmodel import Field

from db.tables.base import SCHEMA, Row, bytes_column, moment, text_column


class Image(Row, table=True):
    """An image as it will be sent, known by its bytes (`sha256` in hex). `used_at` is when it last came in."""

    __tablename__ = "images"
    __table_args__ = (
        UniqueConstraint("client_id", "sha256"),
        ForeignKeyConstraint(["client_id"], [f"{SCHEMA}.clients.id"]),
        Index(None, "used_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    client_id: UUID
    sha256: str = text_column()
    content_type: str = text_column()
    data: bytes = bytes_column()
    used_at: datetime = moment(default_now=True)


class JobImage(Row, table=True):
    """What an image is to a video."""

    __tablename__ = "job_images"
    __table_args__ = (
        ForeignKeyConstraint(["job_id"], [f"{SCHEMA}.video_jobs.id"], ondelete="CASCADE"),
        ForeignKeyConstraint(["image_id"], [f"{SCHEMA}.images.id"]),
        Index(None, "image_id"),
    )

    job_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True)
    role: str = text_column()
    image_id: UUID


class File(Row, table=True):
    """An image that a client uploaded to name it in requests later, where it says so for one of its own users."""

    __tablename__ = "files"
    __table_args__ = (
        ForeignKeyConstraint(["client_id"], [f"{SCHEMA}.clients.id"]),
        ForeignKeyConstraint(["image_id"], [f"{SCHEMA}.images.id"]),
        Index(None, "client_id", "created_at", "id"),
        Index(None, "image_id"),
        Index(None, "expires_at"),
    )

    id: UUID = Field(default_factory=uuid4, primary_key=True)
    client_id: UUID
    image_id: UUID
    filename: str = text_column()
    purpose: str = text_column()
    end_user_id: str | None = text_column(default=None)
    bytes: int
    created_at: datetime = moment(default_now=True)
    expires_at: datetime = moment()
