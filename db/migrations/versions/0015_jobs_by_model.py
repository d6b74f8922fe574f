"""An index by which jobs of a provider and of a model are found, however few there are."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_video_jobs_model", "video_jobs", ["kind", "model", "created_at", "id"], schema="reelwork")


def downgrade() -> None:
    op.drop_index("ix_video_jobs_model", table_name="video_jobs", schema="reelwork")
