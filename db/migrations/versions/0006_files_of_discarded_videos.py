"""Cancelled videos whose result was on its way: a process may have stored it after the cancel."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_video_jobs_discarded",
        "video_jobs",
        ["completed_at"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("state = 'cancelled' AND result IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_video_jobs_discarded", table_name="video_jobs", schema="reelwork")
