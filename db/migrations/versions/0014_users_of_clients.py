"""For whom a video is made, so that everything about that person can be shown and erased."""

import sqlalchemy as sa
from alembic import context, op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _schema() -> str:
    """The real name: Alembic translates it for whole tables, and not for a column."""
    schema: str = context.config.attributes["schema"]
    return schema


def upgrade() -> None:
    op.add_column("video_jobs", sa.Column("end_user_id", sa.Text(), nullable=True), schema=_schema())
    op.add_column("files", sa.Column("end_user_id", sa.Text(), nullable=True), schema=_schema())
    op.add_column("idempotency_keys", sa.Column("end_users", sa.ARRAY(sa.Text()), nullable=True), schema=_schema())
    op.create_index(
        "ix_video_jobs_end_user",
        "video_jobs",
        ["client_id", "end_user_id", "created_at", "id"],
        unique=False,
        schema="reelwork",
        postgresql_where=sa.text("end_user_id IS NOT NULL"),
    )
    op.create_table(
        "erasures",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("end_user_id", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["reelwork.clients.id"], name=op.f("fk_erasures_client_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("client_id", "end_user_id", name=op.f("pk_erasures")),
        schema="reelwork",
    )
    op.create_index(op.f("ix_erasures_next_at"), "erasures", ["next_at"], unique=False, schema="reelwork")


def downgrade() -> None:
    op.drop_table("erasures", schema="reelwork")
    op.drop_index("ix_video_jobs_end_user", table_name="video_jobs", schema="reelwork")
    for table, column in (("idempotency_keys", "end_users"), ("files", "end_user_id"), ("video_jobs", "end_user_id")):
        op.drop_column(table, column, schema=_schema())
