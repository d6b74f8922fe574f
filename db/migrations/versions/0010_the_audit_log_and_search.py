"""The audit log, and indexes by which all jobs are searched: by time, by end, by error and by the words of a prompt."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("key_id", sa.Uuid(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        schema="reelwork",
    )
    op.create_index("ix_audit_target", "audit", ["target", "id"], schema="reelwork")
    op.create_index("ix_video_jobs_newest", "video_jobs", ["created_at", "id"], schema="reelwork")
    op.create_index(
        "ix_video_jobs_ended",
        "video_jobs",
        ["completed_at", "id"],
        schema="reelwork",
        postgresql_include=["state", "created_at"],
        postgresql_where=sa.text("completed_at IS NOT NULL"),
    )
    op.create_index(
        "ix_video_jobs_error",
        "video_jobs",
        ["error_code", "created_at", "id"],
        schema="reelwork",
        postgresql_where=sa.text("error_code IS NOT NULL"),
    )
    op.create_index(
        "ix_video_jobs_words",
        "video_jobs",
        [sa.text("to_tsvector('simple'::regconfig, prompt)")],
        schema="reelwork",
        postgresql_using="gin",
    )


def downgrade() -> None:
    for name in ("words", "error", "ended", "newest"):
        op.drop_index(f"ix_video_jobs_{name}", table_name="video_jobs", schema="reelwork")
    op.drop_table("audit", schema="reelwork")
