"""Creates that an SDK sends again by itself."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "create_calls",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("heard", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["job_id"], ["reelwork.video_jobs.id"], name=op.f("fk_create_calls_job_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_create_calls")),
        schema="reelwork",
    )
    op.create_index(
        op.f("ix_create_calls_client_id_body_hash_id"),
        "create_calls",
        ["client_id", "body_hash", "id"],
        unique=False,
        schema="reelwork",
    )
    op.create_index(op.f("ix_create_calls_job_id"), "create_calls", ["job_id"], unique=False, schema="reelwork")
    op.create_index(op.f("ix_create_calls_heard_at"), "create_calls", ["heard_at"], unique=False, schema="reelwork")


def downgrade() -> None:
    op.drop_index(op.f("ix_create_calls_heard_at"), table_name="create_calls", schema="reelwork")
    op.drop_index(op.f("ix_create_calls_job_id"), table_name="create_calls", schema="reelwork")
    op.drop_index(op.f("ix_create_calls_client_id_body_hash_id"), table_name="create_calls", schema="reelwork")
    op.drop_table("create_calls", schema="reelwork")
