"""Providers' copies that are still to be removed, and queued videos whose end was asked for."""

import sqlalchemy as sa
from alembic import context, op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _schema() -> str:
    """The real name: Alembic translates it for whole tables, and not for a column."""
    schema: str = context.config.attributes["schema"]
    return schema


def upgrade() -> None:
    op.add_column(
        "video_jobs", sa.Column("copy_due_at", sa.DateTime(timezone=True), nullable=True), schema=_schema()
    )
    op.create_index(
        "ix_video_jobs_copy",
        "video_jobs",
        ["copy_due_at"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("copy_due_at IS NOT NULL"),
    )
    op.create_index(
        "ix_video_jobs_unwanted",
        "video_jobs",
        ["id"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("state = 'queued' AND cancel_requested_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_video_jobs_unwanted", table_name="video_jobs", schema="reelwork")
    op.drop_index("ix_video_jobs_copy", table_name="video_jobs", schema="reelwork")
    op.drop_column("video_jobs", "copy_due_at", schema=_schema())
